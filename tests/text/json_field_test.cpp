#include "cram/text/json_field.h"

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/text/utf8.h"

namespace cram::text {
namespace {

using namespace std::string_literals;
using Status = JsonField::Status;
using testing::HasSubstr;

std::string text_of(std::string_view object) {
  const JsonField field = read_json_field(object, "text");
  EXPECT_EQ(field.status, Status::kText) << object << ": " << field.detail;
  return field.text;
}

std::string broken(std::string_view object) {
  const JsonField field = read_json_field(object, "text");
  EXPECT_EQ(field.status, Status::kBroken) << object;
  return field.detail;
}

std::string absent(std::string_view object) {
  const JsonField field = read_json_field(object, "text");
  EXPECT_EQ(field.status, Status::kAbsent) << object << ": " << field.detail;
  return field.detail;
}

TEST(JsonField, FindsTheTextWhereverItStands) {
  EXPECT_EQ(text_of(R"({"text":"a"})"), "a");
  EXPECT_EQ(text_of(" \t{ \"id\" : 7 , \"text\" : \"a b\" } \r\n"), "a b");
  EXPECT_EQ(text_of(R"({"a":{"text":"no"},"b":["text",{"text":0}],"text":"yes","c":null})"), "yes");
  EXPECT_EQ(text_of(R"({"text":""})"), "");
}

TEST(JsonField, MatchesNamesAfterDecodingThem) {
  EXPECT_EQ(text_of(R"({"t\u0065xt":"a"})"), "a");
  EXPECT_EQ(read_json_field(R"({"a\"b":"c"})", "a\"b").text, "c");
  EXPECT_EQ(absent(R"({"Text":"a"})"), "no \"text\" among the fields Text");
}

TEST(JsonField, DecodesEveryEscape) {
  EXPECT_EQ(text_of(R"({"text":"\"\\\/\b\f\n\r\t"})"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(R"({"text":"\u0041\u00e9\u20AC\ud83d\uDE00"})"), "Aé€\U0001F600");
  EXPECT_EQ(text_of(R"({"text":"a\u0000b"})"), "a\0b"s);
}

TEST(JsonField, ReplacesLoneSurrogatesAndSaysSo) {
  const std::string r = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(\ud83d)", r},
      {R"(\ude00)", r},
      {R"(\ud83dx)", r + "x"},
      {R"(\ud83d\n)", r + "\n"},
      {R"(\ud83d\u0041)", r + "A"},
      {R"(\ud83d\ud83d\ude00)", r + "\U0001F600"},
      {R"(\ude00\ud83d)", r + r}};
  for (const auto& [escaped, expected] : cases) {
    const JsonField field = read_json_field("{\"text\":\"" + escaped + "\"}", "text");
    EXPECT_EQ(field.text, expected) << escaped;
    EXPECT_TRUE(field.lone_surrogates);
  }
  EXPECT_FALSE(read_json_field(R"({"other":"\ud83d","text":"a"})", "text").lone_surrogates);
}

TEST(JsonField, AcceptsNumbersOfAnySizeAndTheWordsThatPythonWrites) {
  for (const char* number : {"0", "-0", "12", "1.5", "-1e9", "1E+400", "2e-400", "NaN", "Infinity",
                             "-Infinity", "123456789012345678901234567890"}) {
    EXPECT_EQ(text_of("{\"n\":"s + number + ",\"text\":\"a\"}"), "a") << number;
  }
  EXPECT_EQ(text_of("{\"n\":" + std::string(100'000, '9') + ",\"text\":\"a\"}"), "a");
}

TEST(JsonField, RefusesWhatIsNotANumber) {
  for (const char* number : {"01", "+1", ".5", "1.", "1e", "1e+", "-", "--1", "0x10", "1_0", "nan",
                             "infinity", "-NaN", "1.5.2", "١"}) {
    EXPECT_THAT(broken("{\"n\":"s + number + ",\"text\":\"a\"}"), HasSubstr("at byte")) << number;
  }
}

TEST(JsonField, RefusesBrokenObjectsAndSaysWhere) {
  EXPECT_EQ(broken(R"({"text":"a")"), "unexpected end at byte 12");
  EXPECT_EQ(broken(R"({"text":"a"}{})"), "more than one object at byte 13");
  EXPECT_EQ(broken(R"({"text" "a"})"), "expected a colon at byte 9");
  EXPECT_EQ(broken(R"({"text":"a" "b":1})"), "expected a comma at byte 13");
  EXPECT_EQ(broken(R"({"text":"a",})"), "expected a member name at byte 13");
  EXPECT_EQ(broken("{'text':'a'}"), "expected a member name at byte 2");
  EXPECT_EQ(broken("{\"text\":\"a\tb\"}"), "control character in a string at byte 11");
  EXPECT_EQ(broken(R"({"text":"\x"})"), "unknown escape at byte 11");
  EXPECT_EQ(broken(R"({"text":"\u12g4"})"), "expected four hexadecimal digits at byte 14");
  EXPECT_EQ(broken(R"({"text":tru})"), "expected a value at byte 9");
  EXPECT_EQ(broken(R"([{"text":"a"}])"), "expected an object at byte 1");
  EXPECT_EQ(broken(""), "unexpected end at byte 1");
  EXPECT_EQ(broken("\"text\""), "expected an object at byte 1");
  EXPECT_EQ(broken(R"({"text":"a","x":[1,]})"), "expected a value at byte 20");
}

TEST(JsonField, RefusesTwoTextsInOneObject) {
  EXPECT_THAT(broken(R"({"text":"a","text":"b"})"), HasSubstr("a second time"));
  EXPECT_THAT(broken(R"({"text":1,"text":"b"})"), HasSubstr("a second time"));
  EXPECT_EQ(text_of(R"({"x":1,"x":2,"text":"b"})"), "b");
}

TEST(JsonField, SaysWhatItFoundInsteadOfTheText) {
  EXPECT_EQ(absent("{}"), "no \"text\" among no fields");
  EXPECT_EQ(absent(R"({"id":1,"content":"a"})"), "no \"text\" among the fields id, content");
  EXPECT_EQ(absent(R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1})"),
            "no \"text\" among the fields a, b, c, d, e, …");
  for (const char* value : {"null", "1", "true", "[\"a\"]", "{\"text\":\"a\"}"}) {
    EXPECT_EQ(absent("{\"text\":"s + value + "}"), "\"text\" is no string");
  }
}

TEST(JsonField, BoundsTheNesting) {
  const auto nested = [](std::size_t arrays) {
    return "{\"x\":" + std::string(arrays, '[') + std::string(arrays, ']') + ",\"text\":\"a\"}";
  };
  EXPECT_EQ(text_of(nested(kMaxJsonDepth - 1)), "a");
  EXPECT_THAT(broken(nested(kMaxJsonDepth)), HasSubstr("too deeply nested"));
  EXPECT_THAT(broken("{\"x\":" + std::string(10'000'000, '[')), HasSubstr("too deeply nested"));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(broken(objects), HasSubstr("too deeply nested"));
}

// What the oracle makes of one line, where the two rules agree: it knows neither NaN nor lone
// surrogates, and lets the last of two equal names win.
void expect_agreement(const std::string& line) {
  const JsonField field = read_json_field(line, "text");
  const auto oracle = nlohmann::json::parse(line, nullptr, false);
  if (oracle.is_discarded() || !oracle.is_object()) {
    const bool ours_alone = line.find('N') != std::string::npos ||
                            line.find("Infinity") != std::string::npos ||
                            line.find("\\u") != std::string::npos || !is_valid_utf8(line);
    EXPECT_TRUE(field.status == Status::kBroken || ours_alone) << line;
  } else if (field.status == Status::kBroken) {
    EXPECT_THAT(field.detail, HasSubstr("second time")) << line;
  } else if (oracle.contains("text") && oracle["text"].is_string()) {
    EXPECT_EQ(field.status, Status::kText) << line;
    EXPECT_EQ(field.text, oracle["text"].get<std::string>()) << line;
  } else {
    EXPECT_EQ(field.status, Status::kAbsent) << line;
  }
}

TEST(JsonField, AgreesWithAGeneralParserOnMutatedObjects) {
  const std::vector<std::string> seeds = {
      R"({"text":"plain words, and more of them","id":17})",
      R"({"id":-1.25e+3,"text":"esc \"q\" \\ \/ \n \u00e9 \ud83d\ude00 é","m":{"a":[1,2,null]}})",
      R"({ "a" : [ [ ] , { } , "x" , true ] , "text" : "" , "b" : { "text" : "inner" } })"};
  const std::string alphabet = "{}[]\",:\\ut0123456789eE+-. nrflasx\n\t";
  std::mt19937 random(7);
  for (int round = 0; round < 200'000; ++round) {
    std::string line = seeds[random() % seeds.size()];
    for (auto edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % line.size();
      const char value = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          line[at] = value;
          break;
        case 1:
          line.insert(at, 1, value);
          break;
        case 2:
          line.erase(at, 1 + random() % 4);
          break;
        default:
          line += line.substr(at, random() % 12);
          break;
      }
      if (line.empty()) line = "{";
    }
    expect_agreement(line);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace cram::text
