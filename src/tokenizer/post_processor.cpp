#include "post_processor.h"

#include <algorithm>
#include <vector>

#include "cram/base/error.h"

#include "json_file.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::kData, name + ": unsupported post_processor " + what,
              "cram reads A alone and with [CLS] and [SEP] or the like around it, and [CLS] A "
              "[SEP] B [SEP] "
              "with one separator or two between");
}

[[noreturn]] void throw_no_token(const std::string& key, const std::string& name) {
  throw Error(ErrorCode::kData, name + ": '" + key + "' is not a token and its id");
}

// ["<s>", 0]
FramingToken token_of_processing(const json& part, const char* key, const std::string& name) {
  const json& value = json_member(part, key);
  if (!value.is_array() || value.size() != 2 || !value[0].is_string() ||
      !value[1].is_number_unsigned()) {
    throw_no_token(key, name);
  }
  return {value[0], value[1]};
}

// {"<s>": {"ids": [0]}}
FramingToken token_of_template(const json& part, const std::string& content,
                               const std::string& name) {
  const json& token = json_member(json_member(part, "special_tokens"), content.c_str());
  const json& ids = json_array(token, "ids", name);
  if (ids.size() != 1 || !ids[0].is_number_unsigned()) throw_no_token(content, name);
  return {content, ids[0]};
}

FramedBy read_processing(const json& part, const std::string& name, const Framing& framing) {
  return {framing, token_of_processing(part, "cls", name), token_of_processing(part, "sep", name)};
}

struct Place {
  bool is_text;
  std::string id;  // of the token or the text
  std::uint64_t segment;

  friend bool operator==(const Place&, const Place&) = default;
};
using Places = std::vector<Place>;

Places read_places(const json& part, const char* key, const std::string& name) {
  Places places;
  for (const json& place : json_array(part, key, name)) {
    const json& text = json_member(place, "Sequence");
    const json& token = json_member(place, "SpecialToken");
    const json& given = text.is_null() ? token : text;
    places.push_back({!text.is_null(), json_string(given, "id", "", name),
                      json_number(given, "type_id", 0, name)});
  }
  return places;
}

// The names of the tokens of a frame.
struct Names {
  std::string cls, sep;
};

Places places_of_one(const Names& names, const Framing& framing) {
  Places places;
  if (framing.start) places.push_back({false, names.cls, 0});
  places.push_back({true, "A", 0});
  places.insert(places.end(), static_cast<std::size_t>(framing.end), {false, names.sep, 0});
  return places;
}

Places places_of_pair(const Names& names, const Framing& framing) {
  const std::uint64_t segment = framing.second_segment ? 1 : 0;
  if (framing.between == 0) return {{true, "A", 0}, {true, "B", segment}};
  Places places = places_of_one(names, {.start = true, .end = framing.between});
  places.push_back({true, "B", segment});
  places.push_back({false, names.sep, segment});
  return places;
}

// Every frame that is read, BERT's first.
std::vector<Framing> all_framings() {
  std::vector<Framing> framings;
  for (const bool start : {true, false}) {
    for (const int end : {1, 2, 0}) {
      for (const int between : {1, 2, 0}) {
        for (const bool second_segment : {true, false}) {
          framings.push_back({start, end, between, second_segment});
        }
      }
    }
  }
  return framings;
}

Names names_in(const Places& one, const Places& pair) {
  Names names;
  for (const Places* places : {&one, &pair}) {
    if (places->empty()) continue;
    if (!places->front().is_text) names.cls = places->front().id;
    if (!places->back().is_text) names.sep = places->back().id;
  }
  return names;
}

FramedBy read_template(const json& part, const std::string& name) {
  const Places one = read_places(part, "single", name), pair = read_places(part, "pair", name);
  const Names names = names_in(one, pair);
  for (const Framing& framing : all_framings()) {
    if (one != places_of_one(names, framing)) continue;
    if (!pair.empty() && pair != places_of_pair(names, framing)) continue;
    FramedBy framed_by{.framing = framing};
    if (!names.cls.empty()) framed_by.cls = token_of_template(part, names.cls, name);
    if (!names.sep.empty()) framed_by.sep = token_of_template(part, names.sep, name);
    return framed_by;
  }
  throw_unsupported(name, "TemplateProcessing of another form");
}

FramedBy read_sequence(const json& part, const std::string& name) {
  FramedBy all;
  for (const json& step : json_array(part, "processors", name)) {
    if (json_type(step, name) == "Sequence") throw_unsupported(name, "Sequence in a Sequence");
    FramedBy one = read_post_processor(step, name);
    const bool trim_offsets = all.trim_offsets || one.trim_offsets;
    if (json_type(step, name) != "ByteLevel") {
      if (all.framing != kBare) throw_unsupported(name, "Sequence with two frames");
      all = std::move(one);
    }
    all.trim_offsets = trim_offsets;
  }
  return all;
}

}  // namespace

FramedBy read_post_processor(const json& part, const std::string& name) {
  const std::string type = json_type(part, name);
  if (type == "null") return {};
  if (type == "Sequence") return read_sequence(part, name);
  if (type == "TemplateProcessing") return read_template(part, name);
  if (type == "BertProcessing") return read_processing(part, name, Framing{});
  FramedBy framed_by;
  if (type == "RobertaProcessing") {
    framed_by = read_processing(part, name, {.between = 2, .second_segment = false});
  } else if (type != "ByteLevel") {
    throw_unsupported(name, type);
  }
  framed_by.trim_offsets = json_bool(part, "trim_offsets", true, name);
  return framed_by;
}

void check_framing(const FramedBy& framed_by, const Tokenizer& tokenizer, const std::string& name) {
  const SpecialTokens& special = tokenizer.special_tokens();
  for (const auto& [token, id] :
       {std::pair(&framed_by.cls, special.cls), std::pair(&framed_by.sep, special.sep)}) {
    if (token->content.empty()) continue;
    if (token->id == id && token->content == tokenizer.token(id)) continue;
    throw Error(ErrorCode::kData,
                name + ": '" + token->content + "' of the post_processor is not the token " +
                    std::to_string(id) + ", '" + std::string(tokenizer.token(id)) + "'");
  }
}

}  // namespace cram::tokenizer
