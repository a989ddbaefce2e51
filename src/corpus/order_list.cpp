#include "order_list.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "cram/base/error.h"
#include "cram/base/interrupt.h"
#include "cram/base/pipeline.h"
#include "cram/base/random.h"
#include "cram/corpus/progress.h"

#include "token_weights.h"

namespace cram::corpus {
namespace {

// A stretch of the training split.
struct Stretch {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// Calls `work(tokens)` for each training sequence, on many threads, and `take(stretch, results)`
// for each stretch in order.
template <class Result, class Work, class Take>
void for_each_sequence(const Corpus& corpus, int threads, const Work& work, const Take& take) {
  constexpr std::int64_t kStretch = 4096;
  const std::int64_t all = corpus.sequences(Split::kTraining);
  ProgressLine progress("ordering", static_cast<std::uint64_t>(all));
  std::int64_t next = 0;
  const auto read = [&]() -> std::optional<Stretch> {
    interrupt::throw_if_stopped();
    if (next == all) return std::nullopt;
    const Stretch stretch = {next, std::min(all, next + kStretch)};
    next = stretch.end;
    return stretch;
  };
  const auto examine = [&](Stretch stretch) {
    std::vector<TokenId> tokens(static_cast<std::size_t>(corpus.sequence_length()));
    Result result{};
    for (std::int64_t i = stretch.begin; i < stretch.end; ++i) {
      corpus.read(Split::kTraining, i, tokens);
      work(tokens, result);
    }
    return std::pair(stretch, std::move(result));
  };
  run_ordered_pipeline(threads, read, examine, [&](std::pair<Stretch, Result> examined) {
    take(examined.second);
    const auto end = examined.first.end;
    progress.update(static_cast<std::uint64_t>(end),
                    end * corpus.sequence_length() * static_cast<std::int64_t>(sizeof(TokenId)));
  });
}

std::vector<std::int64_t> count_tokens(const Corpus& corpus, int threads) {
  using Counts = std::vector<std::int64_t>;
  const auto size = static_cast<std::size_t>(corpus.vocab_size());
  Counts counts(size);
  for_each_sequence<Counts>(
      corpus, threads,
      [size](const std::vector<TokenId>& tokens, Counts& part) {
        part.resize(size);
        for (const TokenId token : tokens) ++part[token];
      },
      [&](const Counts& part) {
        std::transform(counts.begin(), counts.end(), part.begin(), counts.begin(), std::plus<>());
      });
  return counts;
}

// Of each sequence; what comes first is smallest.
std::vector<float> rate_sequences(const Corpus& corpus, const std::vector<double>& weights,
                                  int threads) {
  using Sums = std::vector<float>;
  Sums all;
  all.reserve(static_cast<std::size_t>(corpus.sequences(Split::kTraining)));
  for_each_sequence<Sums>(
      corpus, threads,
      [&](const std::vector<TokenId>& tokens, Sums& part) {
        double sum = 0;
        for (const TokenId token : tokens) sum += weights[token];
        part.push_back(static_cast<float>(sum));
      },
      [&](const Sums& part) { all.insert(all.end(), part.begin(), part.end()); });
  return all;
}

// Every sequence once, whatever is due.
std::vector<std::uint32_t> arrange(const Corpus& corpus, const tokenizer::Tokenizer& tokenizer,
                                   const OrderRequest& request) {
  std::vector<std::uint32_t> numbers(static_cast<std::size_t>(corpus.sequences(Split::kTraining)));
  std::iota(numbers.begin(), numbers.end(), 0U);
  if (request.ordering == Ordering::kShuffled || request.ordering == Ordering::kAsRead) {
    return numbers;
  }
  // What stands by chance where the curriculum does not decide.
  const Permutation chance(request.seed, RandomStream::kOrder, 0, numbers.size());
  for (std::uint32_t& number : numbers) number = static_cast<std::uint32_t>(chance(number));
  const std::vector<float> ratings = rate_sequences(
      corpus, token_weights(request.ordering, tokenizer, count_tokens(corpus, request.threads)),
      request.threads);
  std::stable_sort(numbers.begin(), numbers.end(), [&](std::uint32_t left, std::uint32_t right) {
    return ratings[left] < ratings[right];
  });
  return numbers;
}

// How often each sequence is shown.
class Share {
 public:
  explicit Share(const OrderRequest& request) : request_(request) {}

  // Whether the sequence is still due after `rounds`.
  [[nodiscard]] bool due(std::uint32_t number, double rounds) const {
    const double left = epochs(number) - rounds;
    if (left >= 1) return true;
    return left > 0 && Random(request_.seed, RandomStream::kSample, number).uniform() < left;
  }

 private:
  [[nodiscard]] double epochs(std::uint32_t number) const {
    const auto& starts = request_.source_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), std::int64_t{number});
    return request_.epochs[static_cast<std::size_t>(after - starts.begin()) - 1];
  }

  const OrderRequest& request_;
};

}  // namespace

std::vector<std::uint32_t> list_sequences(const Corpus& corpus,
                                          const tokenizer::Tokenizer& tokenizer,
                                          const OrderRequest& request) {
  if (corpus.sequences(Split::kTraining) > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kUsage, "data.order and data.epochs take at most 2^32 sequences",
                "use longer sequences or less text");
  }
  std::vector<std::uint32_t> due = arrange(corpus, tokenizer, request);
  std::vector<std::uint32_t> all;
  const Share share(request);
  for (double round = 0; !due.empty(); ++round) {
    std::erase_if(due, [&](std::uint32_t number) { return !share.due(number, round); });
    all.insert(all.end(), due.begin(), due.end());
  }
  if (!all.empty()) return all;
  throw Error(ErrorCode::kUsage, "data.epochs leaves not a single sequence to train on",
              "raise it or give more text");
}

}  // namespace cram::corpus
