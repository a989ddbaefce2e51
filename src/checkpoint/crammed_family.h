// The crammed BERT (Geiping & Goldstein 2022) in the folders of its authors' code, which
// transformers loads once their package "cramming" is imported. What config.json says of it is the
// tree "arch" of their options, complete: there are no defaults.
//
// Expressed are encoders with a norm before each block, positions of sines, scaled or not, and
// nothing between the last norm and the decoder; with a gate, biases and the other norms or
// without. Their other kinds of attention, norm, position and head are refused.
//
// Both compute the same function, with these differences in detail:
// - They drop embeddings and hidden states at two rates, and we at one: two that differ are
// refused.
// - Their table of sines is computed in fp32 and ours in double precision: up to position 128, less
//   than 1e-5 apart.
// - They lower the scores of padding by 10,000, and we leave it out: the same in fp32.
// - Their row for padding learns nothing as an input. Ours learns, and so none is named to them.
// - Their loss may count a fixed share of the labels; in what we write it counts them all.
#pragma once

#include "family.h"

namespace cram::checkpoint {

[[nodiscard]] Family crammed_family();

}  // namespace cram::checkpoint
