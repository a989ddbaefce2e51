#include "manifest.h"

#include "cram/base/error.h"

#include "input_file.h"
#include "strict_json.h"

namespace cram::checkpoint {

namespace {

using nlohmann::json;

constexpr const char* kFile = "MANIFEST.json";
constexpr const char* kFormat = "cram-checkpoint";
constexpr int kVersion = 1;

std::string seal(const json& content) {
  const json sealed = {{"content", content}, {"xxh3", hex64(hash64(content.dump()))}};
  return sealed.dump(2) + "\n";
}

// A sealed text is what its own content seals to; anything else was changed after it was written.
json unseal(const std::string& text, const std::string& where) {
  const json sealed = parse_strict_json(text, 5, where);
  if (!sealed.is_object() || !sealed.contains("content") || seal(sealed["content"]) != text) {
    throw Error(ErrorCode::kData, where + ": damaged");
  }
  return sealed["content"];
}

Manifest parse(const json& content, const std::string& where) {
  if (content.value("format", "") != kFormat || content.value("version", 0) != kVersion) {
    throw Error(ErrorCode::kData, where + ": a checkpoint of an unknown version",
                "continue the run with the version of cram that wrote it");
  }
  Manifest manifest{.step = content.at("step").get<std::int64_t>(), .files = {}};
  for (const auto& [name, record] : content.at("files").items()) {
    const std::string digits = record.at("xxh3").get<std::string>();
    manifest.files[name] = {record.at("size").get<std::uint64_t>(),
                            std::stoull(digits, nullptr, 16)};
  }
  return manifest;
}

}  // namespace

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest) {
  json files = json::object();
  for (const auto& [name, record] : manifest.files) {
    files[name] = {{"size", record.size}, {"xxh3", hex64(record.xxh3)}};
  }
  ChecksumWriter writer(folder / kFile);
  writer.write(seal(
      {{"format", kFormat}, {"version", kVersion}, {"step", manifest.step}, {"files", files}}));
  (void)writer.close();
}

Manifest read_verified_manifest(const std::filesystem::path& folder) {
  const std::string where = (folder / kFile).string();
  Manifest manifest;
  try {
    manifest = parse(unseal(read_file(folder / kFile, 1 << 20), where), where);
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {  // a JSON value or number of another kind than expected
    throw Error(ErrorCode::kData, where + ": damaged");
  }
  for (const auto& [name, record] : manifest.files) {
    if (std::filesystem::path(name).filename() != name) {
      throw Error(ErrorCode::kData, where + ": names a file outside its folder");
    }
    const InputFile file(folder / name);
    if (file.size() != record.size || hash_file(file) != record.xxh3) {
      throw Error(ErrorCode::kData, (folder / name).string() + ": damaged");
    }
  }
  return manifest;
}

}  // namespace cram::checkpoint
