// Users' files become splits: labels are numbered by what the train file holds.
#pragma once

#include "cram/glue/labelled_file.h"

namespace cram::glue {

// Each reads the files and fills the problem, the labels, the splits and the notes. Throws
// Error{kData}, naming file and line, for rows and labels that do not fit.
void fill_texts(const LabelledFiles& files, DataSet& data);  // classification or regression
void fill_sentences(const LabelledFiles& files, DataSet& data);
void fill_questions(const LabelledFiles& files, DataSet& data);

// Moves a share of the train rows, drawn by the seed, to a dev split. Both keep their order.
void draw_dev(const LabelledFiles& files, DataSet& data);

}  // namespace cram::glue
