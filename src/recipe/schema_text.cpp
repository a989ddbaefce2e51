// From text to packed sequences: data, tokenizer, sequence.
#include <algorithm>

#include "section_builder.h"

namespace cram::recipe {
namespace {

constexpr int kMostThreads = 4096;

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); }

// Two or three letters, and a script or region.
bool is_language_code(std::string_view text) {
  const std::string_view language = text.substr(0, text.find('-'));
  const std::string_view rest = text.substr(language.size());
  return (language.size() == 2 || language.size() == 3) &&
         std::all_of(language.begin(), language.end(), is_small) && rest.size() != 1 &&
         std::all_of(rest.begin() + (rest.empty() ? 0 : 1), rest.end(), is_letter);
}

// Which of them there are knows only the detector, which is in another room.
constexpr TextForm kLanguage = {"a language's code, such as en, de, zh or zh-Hant",
                                "^[a-z]{2,3}(-[A-Za-z]+)?$", is_language_code};

Condition own_tokenizer() {
  return {"model.from is empty", {"model.from"}, [](const Recipe& recipe) {
            return recipe.model.from.empty();
          }};
}

Condition trained_tokenizer() {
  return {"tokenizer.file and model.from are empty",
          {"tokenizer.file", "model.from"},
          [](const Recipe& recipe) {
            return recipe.tokenizer.file.empty() && recipe.model.from.empty();
          }};
}

// The other file formats carry rules of their own for cleaning text.
Condition cleaning_is_ours() {
  return {"tokenizer.file is not a tokenizer.json or .model and model.from is empty",
          {"tokenizer.file", "model.from"},
          [](const Recipe& recipe) {
            const std::string& file = recipe.tokenizer.file;
            return !file.ends_with(".json") && !file.ends_with(".model") &&
                   recipe.model.from.empty();
          }};
}

// Only where what is made of the data is kept: the data itself comes with the task.
Section task_data_section() {
  return SectionBuilder<Data>("data", {&Recipe::data}, "the examples of the tasks",
                              Decides::kNothing)
      .add("cache", &Data::cache, text(), "folder of tokenized examples, kept between runs")
      .build();
}

Section data_section() {
  return SectionBuilder<Data>("data", {&Recipe::data}, "the text to learn from", Decides::kState)
      .add("sources", &Data::sources, list_of(text()),
           "files, folders and globs of .txt, .jsonl and .parquet, each also .gz, .bz2, .xz, .zst")
      .add("text_field", &Data::text_field, text(),
           "field of .jsonl objects and column of .parquet tables that holds the text")
      .add("txt_documents", &Data::txt_documents, choice({"paragraph", "file"}),
           "what one document of a .txt file is: what stands between blank lines, or all of it")
      .add("clean_unicode", &Data::clean_unicode, flag(),
           "drop characters that nobody sees, make all spaces one kind, compose the rest (NFC)")
      .add("join_records", &Data::join_records, list_of(count(1, 1 << 20)),
           "for each source: successive documents of a file to make one of, such as lines of "
           "BookCorpus (16); empty: 1")
      .add("min_document_bytes", &Data::min_document_bytes, bytes(1),
           "shorter documents are left out")
      .add("max_document_bytes", &Data::max_document_bytes, bytes(64, std::int64_t{1} << 30),
           "longer documents are cut there")
      .add("max_bad_share", &Data::max_bad_share, number(Range::between(0, 1)),
           "unreadable records that are skipped, as a share of all; more of them end the run")
      .deciding(Decides::kNothing)
      .add("held_out_share", &Data::held_out_share, number(Range::inside(0, 1)),
           "share of the documents that is never trained on and measures the loss")
      .add("epochs", &Data::epochs, list_of(number(Range::above_to(0, 1000))),
           "for each source: how often it is shown while the corpus is shown once; empty: 1")
      .add("order", &Data::order,
           choice({"shuffled", "as-read", "likely-first", "unlikely-first", "short-sentences-first",
                   "long-sentences-first", "short-tokens-first", "long-tokens-first"}),
           "how training sequences follow one another; the last six are Cramming's curricula")
      .add("cache", &Data::cache, text(), "folder of tokenizers and packed text, kept between runs")
      .deciding(Decides::kNothing)
      .add("threads", &Data::threads, count(0, kMostThreads),
           "CPU threads that prepare text; 0: all")
      .deciding(Decides::kNothing)
      .build();
}

Condition prose_alone_stays() {
  return {"selection.quality is true", {"selection.quality"}, [](const Recipe& recipe) {
            return recipe.selection.quality;
          }};
}

Condition near_duplicates_go() {
  return {"selection.near_duplicates is true",
          {"selection.near_duplicates"},
          [](const Recipe& recipe) { return recipe.selection.near_duplicates; }};
}

Condition something_is_protected() {
  return {"selection.decontaminate is not empty",
          {"selection.decontaminate"},
          [](const Recipe& recipe) { return !recipe.selection.decontaminate.empty(); }};
}

Condition substrings_go() {
  return {"selection.substring_bytes is set",
          {"selection.substring_bytes"},
          [](const Recipe& recipe) { return recipe.selection.substring_bytes.has_value(); }};
}

// The rules that look at a document by itself.
void add_content_keys(SectionBuilder<Selection>& section) {
  section
      .add("languages", &Selection::languages, list_of(text_like(kLanguage)),
           "leave out what is reliably in other languages than these, such as [en]; empty: nothing")
      .add("quality", &Selection::quality, flag(),
           "leave out what does not read like prose: MassiveText's rules (arXiv 2112.11446)")
      .add("min_words", &Selection::min_words, count(1),
           "words of the shortest document that quality lets pass", prose_alone_stays())
      .add("max_words", &Selection::max_words, count(1),
           "and of the longest; for whole books, raise it", prose_alone_stays())
      .add("repetition", &Selection::repetition, flag(),
           "leave out what repeats lines or phrases: MassiveText's table A1")
      .add("decontaminate", &Selection::decontaminate, list_of(text()),
           "files and folders, such as GLUE's: leave out documents that hold text of theirs")
      .add("decontaminate_words", &Selection::decontaminate_words, count(2, 100),
           "words in a row that are too many to share; shorter texts of 8 words as a whole",
           something_is_protected());
}

// Those that compare it with what came before.
void add_duplicate_keys(SectionBuilder<Selection>& section) {
  section
      .add("exact_duplicates", &Selection::exact_duplicates, flag(),
           "leave out documents whose words were all there before")
      .add("near_duplicates", &Selection::near_duplicates, flag(),
           "leave out documents that are almost one before, by MinHash; some 300 bytes each")
      .add("similarity", &Selection::similarity, number(Range::above_to(0, 1)),
           "of a near duplicate: shared 5-grams of words, as a share of all of both",
           near_duplicates_go())
      .add("minhash_bands", &Selection::minhash_bands, count(1, 256),
           "more of them find more near duplicates and take more memory", near_duplicates_go())
      .add("minhash_rows", &Selection::minhash_rows, count(1, 64),
           "hash functions of a band: a pair is looked at with 1 - (1 - similarity^rows)^bands",
           near_duplicates_go())
      .add("substring_bytes", &Selection::substring_bytes, bytes(16, std::int64_t{1} << 20),
           "cut out text at least so long that stood before (75 in Cramming); null: nothing")
      .add("substring_memory", &Selection::substring_memory, bytes(std::int64_t{1} << 20),
           "to find it in; less of it takes longer", substrings_go())
      .deciding(Decides::kNothing);
}

Section selection_section() {
  SectionBuilder<Selection> section("selection", {&Recipe::selection},
                                    "which text to leave out, before anything is learned",
                                    Decides::kState);
  add_content_keys(section);
  add_duplicate_keys(section);
  section.add("max_tokens_per_character", &Selection::max_tokens_per_character,
              number(Range::above(0)),
              "leave out what the tokenizer cannot compress, as Cramming does (0.25 to 0.3); null: "
              "nothing");
  return section.build();
}

Section tokenizer_section() {
  return SectionBuilder<Tokenizer>(
             "tokenizer", {&Recipe::tokenizer},
             "words to numbers: a given vocabulary or one trained on the data", Decides::kState)
      .add("file", &Tokenizer::file, maybe_text(),
           "a vocab.txt, tokenizer.json or .model, or a folder with one; empty: train one",
           own_tokenizer())
      .add("type", &Tokenizer::type, choice({"wordpiece", "unigram", "bpe"}),
           "kind of vocabulary to train", trained_tokenizer())
      .add("vocab_size", &Tokenizer::vocab_size, count(32, std::int64_t{1} << 24),
           "tokens in the vocabulary, the five special ones included", trained_tokenizer())
      .add("lowercase", &Tokenizer::lowercase, flag(), "make all letters small", cleaning_is_ours())
      .add("strip_accents", &Tokenizer::strip_accents, flag(), "take accents off letters",
           cleaning_is_ours())
      .add("ascii_only", &Tokenizer::ascii_only, flag(),
           "drop what is not ASCII, after the other two", cleaning_is_ours())
      .add("train_bytes", &Tokenizer::train_bytes, bytes(1),
           "size of the sample of text to train on; unigram and bpe take 256MiB of it at most",
           trained_tokenizer())
      .build();
}

Condition grows() {
  return {"sequence.start_length is set", {"sequence.start_length"}, [](const Recipe& recipe) {
            return recipe.sequence.start_length.has_value();
          }};
}

Condition marks_documents() {
  return {"sequence.separator or sequence.start_token is true",
          {"sequence.separator", "sequence.start_token"},
          [](const Recipe& recipe) {
            return recipe.sequence.separator || recipe.sequence.start_token;
          }};
}

Section sequence_section() {
  return SectionBuilder<Sequence>("sequence", {&Recipe::sequence},
                                  "how documents are packed into training sequences",
                                  Decides::kState)
      .add("length", &Sequence::length, count(8, 65536), "tokens of a sequence")
      .add("separator", &Sequence::separator, flag(), "[SEP] after each document")
      .add("start_token", &Sequence::start_token, flag(), "[CLS] before each document")
      .add("document_mask", &Sequence::document_mask, flag(),
           "tokens see those of their own document only, in training and for the held-out loss",
           marks_documents())
      .deciding(Decides::kResult)
      .add("start_length", &Sequence::start_length, count(8, 65536),
           "tokens of a training sequence at first, doubled until it is length; null: that at once")
      .deciding(Decides::kResult)
      .add("growth", &Sequence::growth, number(Range::above_to(0, 1)),
           "share of the budget before training sequences have all their length", grows())
      .deciding(Decides::kResult)
      .build();
}

}  // namespace

std::vector<Section> text_sections(Purpose purpose) {
  if (purpose == Purpose::kFineTuning) return {task_data_section()};
  return {data_section(), selection_section(), tokenizer_section(), sequence_section()};
}

}  // namespace cram::recipe
