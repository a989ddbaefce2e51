#include "cram/train/setup.h"

#include <algorithm>
#include <optional>
#include <string>

#include <ATen/ops/arange.h>
#include <ATen/ops/randint.h>
#include <c10/util/Exception.h>

#include "cram/base/cpus.h"
#include "cram/base/error.h"
#include "cram/base/log.h"
#include "cram/base/units.h"
#include "cram/model/dropout.h"
#include "cram/train/out_of_memory.h"
#include "cram/train/start.h"

namespace cram::train {
namespace {

// Tokens of a micro-batch on a CPU: enough work for each matrix product, while the activations of a
// layer still find room in the caches of a few cores.
constexpr std::int64_t kCpuMicroBatchTokens = 8192;
// And at most on a GPU: larger passes are no faster, and a growing batch grows in whole passes.
constexpr std::int64_t kGpuMicroBatchTokens = 32768;

// The held-out documents and the masks of evaluation do not follow the recipe's seed, so that runs
// with several seeds share their data and are scored on the same tokens.
constexpr std::uint64_t kDataSeed = 0;

int threads_or_all(int threads) { return threads > 0 ? threads : available_cpus(); }

tokenizer::Algorithm algorithm(recipe::TokenizerType type) {
  switch (type) {
    case recipe::TokenizerType::kUnigram:
      return tokenizer::Algorithm::kUnigram;
    case recipe::TokenizerType::kBpe:
      return tokenizer::Algorithm::kBpe;
    case recipe::TokenizerType::kWordPiece:
      break;
  }
  return tokenizer::Algorithm::kWordPiece;
}

corpus::Ordering ordering(recipe::Order order) {
  switch (order) {
    case recipe::Order::kShuffled:
      break;
    case recipe::Order::kAsRead:
      return corpus::Ordering::kAsRead;
    case recipe::Order::kLikelyFirst:
      return corpus::Ordering::kLikelyFirst;
    case recipe::Order::kUnlikelyFirst:
      return corpus::Ordering::kUnlikelyFirst;
    case recipe::Order::kShortSentencesFirst:
      return corpus::Ordering::kShortSentencesFirst;
    case recipe::Order::kLongSentencesFirst:
      return corpus::Ordering::kLongSentencesFirst;
    case recipe::Order::kShortTokensFirst:
      return corpus::Ordering::kShortTokensFirst;
    case recipe::Order::kLongTokensFirst:
      return corpus::Ordering::kLongTokensFirst;
  }
  return corpus::Ordering::kShuffled;
}

// Of the training sequences; none where they are just shuffled.
std::optional<corpus::SequenceOrder> sequence_order(const recipe::Recipe& recipe,
                                                    const corpus::Prepared& prepared,
                                                    std::int64_t sequences) {
  if (prepared.order_folder.empty()) return std::nullopt;
  const bool shuffled = recipe.data.order == recipe::Order::kShuffled;
  return corpus::SequenceOrder(corpus::SequenceList(prepared.order_folder, sequences), shuffled,
                               recipe.seed);
}

corpus::MaskingOptions masking_options(const recipe::Objective& objective) {
  return {objective.mask_share, objective.random_share, objective.whole_word};
}

// One forward and backward pass; why it does not fit into the device's memory, nothing where it
// does.
std::optional<std::string> shortage(const recipe::Recipe& recipe, const Engine& engine,
                                    std::int64_t sequences) {
  try {
    const model::MaskedInput batch = synthetic_batch(engine, recipe, sequences);
    engine.model->loss(batch, model::Mode::kTraining, recipe.objective.z_loss).loss.backward();
    return std::nullopt;
  } catch (const c10::Error& error) {
    if (!is_out_of_memory(error)) throw;
    return first_line(error);
  }
}

std::int64_t largest_power_of_two(std::int64_t limit) {
  std::int64_t power = 1;
  while (2 * power <= limit) power *= 2;
  return power;
}

std::int64_t find_gpu_micro_batch(const recipe::Recipe& recipe, const Engine& engine) {
  const std::int64_t wanted =
      std::max<std::int64_t>(1, kGpuMicroBatchTokens / recipe.sequence.length);
  const std::int64_t limit = largest_power_of_two(std::min(wanted, recipe.batch.size));
  std::int64_t best = 0;
  std::optional<std::string> missing;
  for (std::int64_t next = 1; next <= limit && !missing; next *= 2) {
    missing = shortage(recipe, engine, next);
    if (!missing) best = next;
  }
  // Also of a pass that broke off half-way.
  ops::zero_gradients(engine.model->weights());
  forget_memory(engine.device.device);
  if (best == 0) {
    throw Error(
        ErrorCode::kOutOfMemory,
        "not even one sequence fits into the device's memory: " + missing.value_or(""),
        what_needs_less_memory("a smaller model or sequence length", engine.model->placement()));
  }
  return best;
}

std::int64_t choose_micro_batch(const recipe::Recipe& recipe, const Engine& engine) {
  if (recipe.batch.micro_batch) return std::min(*recipe.batch.micro_batch, recipe.batch.size);
  if (engine.device.device.is_cuda()) return find_gpu_micro_batch(recipe, engine);
  const std::int64_t wanted =
      std::max<std::int64_t>(1, kCpuMicroBatchTokens / recipe.sequence.length);
  return largest_power_of_two(std::min(wanted, recipe.batch.size));
}

void choose_graphs(const recipe::Recipe& recipe, Engine& engine) {
  const Capture capture = capture_on(engine.device.device);
  if (!capture) return;
  if (engine.kernels.atens_alone) {
    engine.graph_trial.skipped = "as LibTorch does (chosen by the recipe)";
    return;
  }
  if (recipe.device.recompute_activations && model::has_dropout(recipe.model)) {
    engine.graph_trial.skipped = "as a graph cannot draw the same dropout twice";
    return;
  }
  engine.graph_trial = try_graph(*engine.model, synthetic_batch(engine, recipe, engine.micro_batch),
                                 recipe.objective.z_loss, capture);
  forget_memory(engine.device.device);
  if (engine.graph_trial.used()) engine.capture = capture;
}

void log_choices(const Engine& engine, const recipe::Recipe& recipe) {
  const model::ParameterCount count = model::count_parameters(recipe.model, engine.shape);
  log::info("device     " + engine.device.name + " (" + engine.device.reason + ")");
  log::info("precision  " + std::string(c10::toString(engine.precision.type)) + " (" +
            engine.precision.reason + ")");
  log::info("model      " + format_count(count.total) + " parameters, attention by " +
            ops::name(engine.model->attention_kernel()));
  announce(engine.kernels);
  if (engine.device.device.is_cuda()) log::info("passes     " + to_text(engine.graph_trial));
  log::info("batch      " + format_count(recipe.batch.size) + " sequences of " +
            format_count(recipe.sequence.length) + " tokens, " + format_count(engine.micro_batch) +
            " a pass");
}

// The rules of a recipe that need no tokenizer.
selection::Rules selection_rules(const recipe::Selection& selection) {
  selection::Rules rules;
  rules.languages = selection.languages;
  if (selection.quality) {
    rules.quality = {.min_words = selection.min_words, .max_words = selection.max_words};
  }
  if (selection.repetition) rules.repetition.emplace();
  rules.decontaminate = selection.decontaminate;
  rules.decontaminate_words = static_cast<std::size_t>(selection.decontaminate_words);
  rules.exact_duplicates = selection.exact_duplicates;
  if (selection.near_duplicates) {
    rules.near_duplicates = {selection.minhash_bands, selection.minhash_rows, selection.similarity};
  }
  if (selection.substring_bytes) {
    rules.repeats = {.bytes = static_cast<std::size_t>(*selection.substring_bytes),
                     .memory = selection.substring_memory};
  }
  return rules;
}

}  // namespace

corpus::PrepareOptions prepare_options(const recipe::Recipe& recipe,
                                       std::shared_ptr<const tokenizer::Tokenizer> tokenizer) {
  corpus::PrepareOptions options;
  options.sources = recipe.data.sources;
  options.read.text_field = recipe.data.text_field;
  options.read.txt_documents = recipe.data.txt_documents == recipe::TextUnit::kFile
                                   ? text::TxtDocuments::kFile
                                   : text::TxtDocuments::kParagraph;
  options.read.clean_unicode = recipe.data.clean_unicode;
  options.read.join_records = recipe.data.join_records;
  options.read.min_document_bytes = recipe.data.min_document_bytes;
  options.read.max_document_bytes = recipe.data.max_document_bytes;
  options.rules = selection_rules(recipe.selection);
  options.rules.clean_unicode = recipe.data.clean_unicode;
  options.max_tokens_per_character = recipe.selection.max_tokens_per_character;
  options.max_bad_share = recipe.data.max_bad_share;
  options.held_out_share = recipe.data.held_out_share;
  options.cache = recipe.data.cache;
  options.threads = threads_or_all(recipe.data.threads);
  options.seed = kDataSeed;
  options.tokenizer = std::move(tokenizer);
  if (!options.tokenizer && !recipe.model.from.empty()) options.tokenizer = start_tokenizer(recipe);
  options.tokenizer_file = recipe.tokenizer.file;
  options.normalization = {recipe.tokenizer.lowercase, recipe.tokenizer.strip_accents,
                           recipe.tokenizer.ascii_only};
  options.train = {algorithm(recipe.tokenizer.type), recipe.tokenizer.vocab_size,
                   options.normalization, options.threads};
  options.train_bytes = recipe.tokenizer.train_bytes;
  options.ordering = ordering(recipe.data.order);
  options.epochs = recipe.data.epochs;
  options.order_seed = static_cast<std::uint64_t>(recipe.seed);
  options.sequence_length = recipe.sequence.length;
  options.separator = recipe.sequence.separator;
  options.start_token = recipe.sequence.start_token;
  return options;
}

Data open_data(const recipe::Recipe& recipe, corpus::Prepared prepared) {
  Data data;
  data.prepared = std::move(prepared);
  const tokenizer::Tokenizer& tokenizer = *data.prepared.tokenizer;
  data.corpus = std::make_unique<corpus::Corpus>(data.prepared.corpus_folder);
  data.training = std::make_unique<corpus::BatchMaker>(
      *data.corpus, corpus::Split::kTraining,
      corpus::Masking(masking_options(recipe.objective), tokenizer),
      corpus::BatchOptions{static_cast<std::uint64_t>(recipe.seed), recipe.sequence.document_mask},
      sequence_order(recipe, data.prepared, data.corpus->sequences(corpus::Split::kTraining)));
  // Evaluation is the same whatever the objective of training: single tokens, 80/10/10. What tokens
  // see is the model's, so it is as in training.
  data.held_out = std::make_unique<corpus::BatchMaker>(
      *data.corpus, corpus::Split::kHeldOut, corpus::Masking({}, tokenizer),
      corpus::BatchOptions{kDataSeed, recipe.sequence.document_mask});
  return data;
}

Engine set_up_engine(const recipe::Recipe& recipe, std::int64_t vocab_size,
                     std::optional<c10::ScalarType> before) {
  Engine engine;
  engine.shape = {recipe.sequence.length, vocab_size};
  engine.device = choose_device(recipe.device);
  engine.precision = choose_precision(recipe.precision, recipe.model, kCpuMicroBatchTokens,
                                      engine.device.device, before);
  engine.model = std::make_unique<model::MaskedLanguageModel>(
      recipe.model, engine.shape, placement_of(engine.device, engine.precision), recipe.seed);
  engine.kernels =
      choose_kernels(recipe.device,
                     {recipe.model, engine.shape,
                      std::min(kGpuMicroBatchTokens, recipe.batch.size * recipe.sequence.length),
                      recipe.objective.z_loss},
                     placement_of(engine.device, engine.precision));
  engine.optimizer = optim::make_optimizer(recipe.optimizer, engine.model->weights());
  if (recipe.averaging.type != recipe::AveragingType::kNone) {
    engine.average =
        std::make_unique<optim::WeightAverage>(recipe.averaging, engine.model->weights());
  }
  engine.micro_batch = choose_micro_batch(recipe, engine);
  choose_graphs(recipe, engine);
  log_choices(engine, recipe);
  return engine;
}

model::MaskedInput synthetic_batch(const Engine& engine, const recipe::Recipe& recipe,
                                   std::int64_t sequences) {
  const std::int64_t length = engine.shape.sequence_length;
  const std::int64_t masked = corpus::Masking::count(recipe.objective.masking_rate, length);
  const auto options = at::TensorOptions(at::kLong).device(engine.device.device);
  const at::Tensor rows = at::arange(sequences, options).mul(length).unsqueeze(1);
  // `parts` numbers in each row of `columns`, spread evenly.
  const auto spread = [&](std::int64_t columns, std::int64_t parts) {
    return at::arange(columns, options).mul(parts).floor_divide(columns);
  };
  at::Tensor documents;  // two in each
  if (recipe.sequence.document_mask) documents = spread(length, 2).repeat({sequences, 1});
  return {at::randint(engine.shape.vocab_size, {sequences, length}, options),
          spread(masked, length).add(rows).flatten(),
          at::randint(engine.shape.vocab_size, {sequences * masked}, options), documents};
}

}  // namespace cram::train
