#include "cram/corpus/export_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cram/corpus/pack.h"
#include "cram/text/document.h"

#include "corpus/packed_text.h"

namespace cram::corpus {
namespace {

namespace fs = std::filesystem;

class ExportDocuments : public testing::Test {
 protected:
  ExportDocuments() {
    documents_ = test::make_documents(120);
    test::write_txt(folder_ / "a.txt", {documents_.begin(), documents_.begin() + 70});
    std::vector<std::string> second(documents_.begin() + 70, documents_.end());
    second.push_back(documents_.front());
    test::write_txt(folder_ / "b.txt", second);
    options_.sources = {(folder_ / "a.txt").string(), (folder_ / "b.txt").string()};
    options_.cache = folder_ / "cache";
    options_.held_out_share = 0.2;
    options_.rules.exact_duplicates = true;
  }
  void SetUp() override {
    if (!text::can_read_parquet()) GTEST_SKIP() << "built without Parquet";
  }

  [[nodiscard]] static std::vector<std::string> column(const fs::path& folder,
                                                       const std::string& name) {
    text::BadRecords bad;
    const text::SourceFile file = test::sources({folder / "part-00000.parquet"}).front();
    const text::ReadOptions options = {.text_field = name};
    const auto reader = text::open_documents(file, options, bad);
    std::vector<std::string> values;
    while (auto document = reader->next()) values.push_back(document->text);
    return values;
  }

  test::TempFolder folder_;
  std::vector<std::string> documents_;
  PrepareOptions options_;
};

TEST_F(ExportDocuments, WritesThoseThatStayWithTheirSourcesAndSplits) {
  const ExportedDocuments exported = export_documents(options_);
  EXPECT_EQ(exported.documents, 120) << "the copy of the first has gone";
  EXPECT_EQ(exported.files, 1);
  EXPECT_EQ(column(exported.folder, "text"), documents_);
  const auto sources = column(exported.folder, "source");
  const auto splits = column(exported.folder, "split");
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    EXPECT_EQ(sources.at(i), options_.sources[i < 70 ? 0 : 1]);
    EXPECT_EQ(splits.at(i), is_held_out(documents_[i], 0.2, 0) ? "held-out" : "training");
  }
}

TEST_F(ExportDocuments, AreACorpusAgain) {
  const ExportedDocuments exported = export_documents(options_);
  const auto texts = [](const std::vector<text::SourceFile>& files) {
    text::BadRecords bad;
    std::vector<std::string> all;
    for (const text::SourceFile& file : files) {
      const auto reader = text::open_documents(file, {}, bad);
      while (auto document = reader->next()) all.push_back(document->text);
    }
    return all;
  };
  EXPECT_EQ(texts(text::find_sources({exported.folder.string()})), documents_)
      << "nothing else lies there that looks like text";
}

TEST_F(ExportDocuments, HappensOnceAndAnewForOtherText) {
  const ExportedDocuments first = export_documents(options_);
  const auto time = fs::last_write_time(first.folder / "part-00000.parquet");
  EXPECT_EQ(export_documents(options_).folder, first.folder);
  EXPECT_EQ(fs::last_write_time(first.folder / "part-00000.parquet"), time);
  options_.rules.exact_duplicates = false;
  const ExportedDocuments all = export_documents(options_);
  EXPECT_NE(all.folder, first.folder);
  EXPECT_EQ(all.documents, 121);
  test::write_txt(folder_ / "b.txt", {"Something else."});
  EXPECT_EQ(export_documents(options_).documents, 71);
}

TEST_F(ExportDocuments, IsMadeAnewWhereItWasDamaged) {
  const ExportedDocuments first = export_documents(options_);
  write_file_atomic(first.folder / ".documents.json", "{}");
  EXPECT_EQ(export_documents(options_).documents, 120);
  fs::remove(first.folder / "part-00000.parquet");
  EXPECT_EQ(export_documents(options_).documents, 120);
}

}  // namespace
}  // namespace cram::corpus
