#include "bpe_post_processor.h"

#include <algorithm>
#include <vector>

#include "cram/base/error.h"

#include "json_file.h"

namespace cram::tokenizer {
namespace {

using nlohmann::json;

[[noreturn]] void throw_unsupported(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::kData, name + ": unsupported post_processor " + what,
              "cram reads [CLS] A [SEP] and <s> A </s>, and pairs with one or two separators");
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

std::vector<Place> read_places(const json& part, const char* key, const std::string& name) {
  std::vector<Place> places;
  for (const json& place : json_array(part, key, name)) {
    const json& text = json_member(place, "Sequence");
    const json& token = json_member(place, "SpecialToken");
    const json& given = text.is_null() ? token : text;
    places.push_back({!text.is_null(), json_string(given, "id", "", name),
                      json_number(given, "type_id", 0, name)});
  }
  return places;
}

std::vector<Place> places_of_pair(const std::string& cls, const std::string& sep,
                                  const Framing& framing) {
  std::vector<Place> places = {{false, cls, 0}, {true, "A", 0}};
  places.insert(places.end(), static_cast<std::size_t>(framing.pair_separators), {false, sep, 0});
  const std::uint64_t segment = framing.second_segment ? 1 : 0;
  places.push_back({true, "B", segment});
  places.push_back({false, sep, segment});
  return places;
}

FramedBy read_template(const json& part, const std::string& name) {
  constexpr const char* kType = "TemplateProcessing of another form";
  const std::vector<Place> single = read_places(part, "single", name);
  if (single.size() != 3 || single[0].is_text || single[2].is_text ||
      single[1] != Place{true, "A", 0}) {
    throw_unsupported(name, kType);
  }
  const std::string &cls = single[0].id, &sep = single[2].id;
  const std::vector<Place> pair = read_places(part, "pair", name);
  for (const int separators : {1, 2}) {
    for (const bool second_segment : {true, false}) {
      const Framing framing{separators, second_segment};
      if (!pair.empty() && pair != places_of_pair(cls, sep, framing)) continue;
      return {framing, token_of_template(part, cls, name), token_of_template(part, sep, name)};
    }
  }
  throw_unsupported(name, kType);
}

FramedBy read_sequence(const json& part, const std::string& name) {
  FramedBy all;
  for (const json& step : json_array(part, "processors", name)) {
    if (json_type(step, name) == "Sequence") throw_unsupported(name, "Sequence in a Sequence");
    FramedBy one = read_post_processor(step, name);
    if (all.framing && one.framing) throw_unsupported(name, "Sequence with two frames");
    const bool trim_offsets = all.trim_offsets || one.trim_offsets;
    if (one.framing) all = std::move(one);
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
  if (type == "BertProcessing") return read_processing(part, name, {});
  FramedBy framed_by;
  if (type == "RobertaProcessing") {
    framed_by = read_processing(part, name, {.pair_separators = 2, .second_segment = false});
  } else if (type != "ByteLevel") {
    throw_unsupported(name, type);
  }
  framed_by.trim_offsets = json_bool(part, "trim_offsets", true, name);
  return framed_by;
}

}  // namespace cram::tokenizer
