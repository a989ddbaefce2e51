// A recipe: everything that determines a run, as plain structs with one section each.
//
// The values here are the defaults of pretraining; defaults() in load.h has those of fine-tuning.
// Names, limits and explanations of the keys are declared once, in src/recipe/schema_*.cpp, from
// which parsing, checks, help, template and JSON Schema come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cram/base/clock.h"
#include "cram/recipe/finetuning.h"
#include "cram/recipe/machine.h"
#include "cram/recipe/selection.h"
#include "cram/recipe/training.h"

namespace cram::recipe {

// What a recipe is for. Each purpose has keys and defaults of its own; in a Recipe of one, what
// belongs to the other alone has its default and means nothing.
enum class Purpose { kPretraining, kFineTuning };

// How long to train: exactly one of the three is set.
struct Budget {
  std::optional<Seconds> time = {};         // training time, cumulative over restarts
  std::optional<std::int64_t> steps = {};   // optimizer updates
  std::optional<std::int64_t> tokens = {};  // input tokens
  bool operator==(const Budget&) const = default;
};

enum class TextUnit { kParagraph, kFile };

// How training sequences follow one another.
enum class Order {
  kShuffled,
  kAsRead,
  kLikelyFirst,
  kUnlikelyFirst,
  kShortSentencesFirst,
  kLongSentencesFirst,
  kShortTokensFirst,
  kLongTokensFirst
};

struct Data {
  std::vector<std::string> sources = {};          // files, folders and globs
  std::string text_field = "text";                // of .jsonl objects and .parquet tables
  TextUnit txt_documents = TextUnit::kParagraph;  // what one document of a .txt file is
  bool clean_unicode = false;  // leave out characters that nobody sees, compose the others
  std::vector<std::int64_t> join_records = {};  // to a document; of each source; empty: 1 each
  std::int64_t min_document_bytes = 1;
  std::int64_t max_document_bytes = 16 << 20;  // longer documents are cut there
  double max_bad_share = 0.001;                // bad records allowed, as a share of all records
  double held_out_share = 0.01;                // of the documents, never trained on
  std::vector<double> epochs = {};             // of each source in one of the corpus; empty: 1 each
  Order order = Order::kShuffled;
  std::string cache = "data/cache";  // where packed shards live
  int threads = 0;                   // 0: all CPUs
  bool operator==(const Data&) const = default;
};

enum class TokenizerType { kWordPiece, kUnigram, kBpe };

struct Tokenizer {
  std::string file = {};  // a vocab.txt, tokenizer.json or .model; or trained:
  TokenizerType type = TokenizerType::kWordPiece;
  std::int64_t vocab_size = 32768;
  bool lowercase = true;
  bool strip_accents = true;
  bool ascii_only = false;                           // drop what is not ASCII after normalisation
  std::int64_t train_bytes = std::int64_t{1} << 30;  // size of the text sample to train on
  bool operator==(const Tokenizer&) const = default;
};

struct Sequence {
  std::int64_t length = 128;   // tokens
  bool separator = true;       // [SEP] after each document
  bool start_token = false;    // [CLS] before each document
  bool document_mask = false;  // tokens see those of their own document only
  // Tokens at first: packed sequences are cut into equal parts, and in ever fewer over `growth`.
  std::optional<std::int64_t> start_length = {};
  double growth = 0.3;  // share of the budget
  bool operator==(const Sequence&) const = default;
};

enum class NormPosition { kPre, kPost };
enum class NormType { kLayerNorm, kRmsNorm };
enum class Activation { kGelu, kGeluTanh, kRelu, kReluSquared, kSilu };
enum class Positions { kLearned, kSinusoidal, kScaledSinusoidal, kRotary };
enum class HeadTransform { kNone, kLinear, kBert, kModernBert };
enum class Init { kNormal, kSmall, kWang, kMegatron, kDeepNorm };

struct Model {
  std::string from = {};  // folder of a pretrained model to go on with; empty: fresh weights
  std::int64_t layers = 16;
  std::int64_t hidden_size = 768;
  std::int64_t embedding_size = 0;  // width of the embeddings, then projected; 0: hidden_size
  std::int64_t heads = 12;
  std::int64_t intermediate_size = 1536;  // inner width; a gate adds a second one beside it
  NormPosition norm_position = NormPosition::kPre;
  NormType norm = NormType::kLayerNorm;
  double norm_epsilon = 1e-12;
  bool norm_bias = true;
  Activation activation = Activation::kGelu;
  bool gated = true;
  bool attention_bias = false;
  bool feed_forward_bias = false;
  Positions positions = Positions::kScaledSinusoidal;
  double rotary_base = 10000.0;
  std::int64_t local_attention = 0;  // reach of a local layer in tokens; 0: no layer is local
  std::int64_t global_every = 3;     // the first and every so-manieth layer after it is not local
  double local_rotary_base = 10000.0;
  std::int64_t max_positions = 0;  // rows of the position table; 0: sequence.length
  std::int64_t segments = 0;       // token-type embeddings (2 in BERT; 0: none)
  bool embedding_norm = true;
  bool first_attention_norm = true;  // pre-norm: before the attention of the first layer, too
  bool final_norm = true;
  HeadTransform head_transform = HeadTransform::kNone;
  bool tie_decoder = true;
  bool decoder_bias = false;
  double dropout = 0.0;  // hidden states
  double attention_dropout = 0.0;
  Init init = Init::kNormal;
  double init_std = 0.02;
  bool qk_norm = false;           // RMS-normalised queries and keys
  bool zero_init_output = false;  // each block starts as the identity
  double logit_softcap = 0.0;     // 0: none
  bool value_residual = false;    // later layers mix the first one's values into theirs
  bool input_shortcut = false;    // later layers see the embeddings beside what comes before them
  bool operator==(const Model&) const = default;
};

struct Objective {
  double masking_rate = 0.25;                   // share of a sequence's positions
  std::optional<double> masking_rate_end = {};  // falls linearly to this over the budget
  double mask_share = 0.8;                      // of masked positions that show [MASK]
  double random_share = 0.1;                    // that show a random token; the rest are unchanged
  bool whole_word = false;
  double z_loss = 0.0;  // weight of log^2 Z in the training loss; 0: none
  bool operator==(const Objective&) const = default;
};

struct Validation {
  std::vector<double> at = {0.1, 0.25, 0.5, 0.75, 1.0};  // shares of the budget
  std::int64_t tokens = 1'000'000;                       // at most, from the held-out documents
  double masking_rate = 0.15;
  bool operator==(const Validation&) const = default;
};

struct Recipe {
  // Set by load(), parse() and defaults(), not by a key: a file is read for a purpose.
  Purpose purpose = Purpose::kPretraining;
  std::string name = "run";  // the run folder is runs_folder/name
  std::string runs_folder = "runs";
  std::int64_t seed = 0;
  Budget budget;
  Data data;
  Selection selection;
  Tokenizer tokenizer;
  Sequence sequence;
  Model model;
  Objective objective;
  Optimizer optimizer;
  Schedule schedule;
  Batch batch;
  Averaging averaging;
  Precision precision;
  Device device;
  Validation validation;
  Checkpoint checkpoint;
  Logging logging;
  FineTuning finetune;
  bool operator==(const Recipe&) const = default;
};

}  // namespace cram::recipe
