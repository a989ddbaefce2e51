#include "cram/text/parquet_writer.h"

#include "cram/base/error.h"

#ifdef CRAM_WITH_PARQUET

#include <cstring>

#include <arrow/io/file.h>
#include <fcntl.h>
#include <parquet/api/writer.h>
#include <unistd.h>

namespace cram::text {
namespace {

constexpr std::uint64_t kRowGroupBytes = std::uint64_t{64} << 20;

std::shared_ptr<parquet::schema::GroupNode> make_schema(const std::vector<std::string>& columns) {
  parquet::schema::NodeVector nodes;
  for (const std::string& name : columns) {
    nodes.push_back(parquet::schema::PrimitiveNode::Make(name, parquet::Repetition::REQUIRED,
                                                         parquet::LogicalType::String(),
                                                         parquet::Type::BYTE_ARRAY));
  }
  return std::static_pointer_cast<parquet::schema::GroupNode>(
      parquet::schema::GroupNode::Make("schema", parquet::Repetition::REQUIRED, nodes));
}

std::shared_ptr<parquet::WriterProperties> make_properties() {
  return parquet::WriterProperties::Builder()
      .compression(parquet::Compression::ZSTD)
      ->enable_page_checksum()
      ->build();
}

}  // namespace

class ParquetWriter::Impl {
 public:
  Impl(const std::filesystem::path& path, const std::vector<std::string>& columns)
      : path_(path.string()), columns_(columns.size()) {
    guard([&] {
      // A descriptor of our own: Arrow closes files without bringing them to the disk.
      fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
      if (fd_ < 0) throw parquet::ParquetException(std::strerror(errno));
      PARQUET_ASSIGN_OR_THROW(file_, arrow::io::FileOutputStream::Open(::dup(fd_)));
      writer_ = parquet::ParquetFileWriter::Open(file_, make_schema(columns), make_properties());
    });
  }

  ~Impl() {
    // Not closed: the file is not wanted any more, whatever Arrow still has to write.
    if (writer_) ignore_errors([&] { writer_->Close(); });
    if (fd_ >= 0) ::close(fd_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add(const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].push_back(row.at(i));
      group_bytes_ += row[i].size();
      bytes_ += row[i].size();
    }
    if (group_bytes_ >= kRowGroupBytes) guard([&] { write_group(); });
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  void close() {
    guard([&] {
      if (!columns_.front().empty()) write_group();
      writer_->Close();
      writer_.reset();
      PARQUET_THROW_NOT_OK(file_->Close());
      if (::fsync(fd_) != 0) throw parquet::ParquetException(std::strerror(errno));
    });
  }

 private:
  void write_group() {
    parquet::RowGroupWriter* const group = writer_->AppendRowGroup();
    for (std::vector<std::string>& column : columns_) {
      auto* const out = static_cast<parquet::ByteArrayWriter*>(group->NextColumn());
      for (const std::string& value : column) {
        const parquet::ByteArray bytes(std::string_view{value});
        out->WriteBatch(1, nullptr, nullptr, &bytes);
      }
      out->Close();
      column.clear();
    }
    group->Close();
    group_bytes_ = 0;
  }

  template <class Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (const parquet::ParquetException& error) {
      throw Error(ErrorCode::kStorage, path_ + ": cannot write: " + error.what());
    }
  }

  template <class Work>
  static void ignore_errors(const Work& work) {
    try {
      work();
    } catch (const std::exception&) {
    }
  }

  std::string path_;
  int fd_ = -1;
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::unique_ptr<parquet::ParquetFileWriter> writer_;
  std::vector<std::vector<std::string>> columns_;  // of the row group to be written
  std::uint64_t group_bytes_ = 0;
  std::uint64_t bytes_ = 0;
};

ParquetWriter::ParquetWriter(const std::filesystem::path& path,
                             const std::vector<std::string>& columns)
    : impl_(std::make_unique<Impl>(path, columns)) {}
ParquetWriter::~ParquetWriter() = default;
void ParquetWriter::add(const std::vector<std::string>& row) { impl_->add(row); }
std::uint64_t ParquetWriter::bytes() const { return impl_->bytes(); }
void ParquetWriter::close() { impl_->close(); }

}  // namespace cram::text

#else

namespace cram::text {

class ParquetWriter::Impl {};

ParquetWriter::ParquetWriter(const std::filesystem::path& path, const std::vector<std::string>&) {
  throw Error(ErrorCode::kUsage, path.string() + ": this program was built without Parquet",
              "build it with -DCRAM_WITH_PARQUET=ON");
}
ParquetWriter::~ParquetWriter() = default;
void ParquetWriter::add(const std::vector<std::string>&) {}
std::uint64_t ParquetWriter::bytes() const { return 0; }
void ParquetWriter::close() {}

}  // namespace cram::text

#endif
