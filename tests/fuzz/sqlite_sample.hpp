#pragma once

#include "fuzz/byte_source.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace atto::fuzz {

/// A small valid database of ours: three sessions with some turns. The same bytes on every run.
[[nodiscard]] const std::string& sample_database();

/// A damaged database, and perhaps a journal, as the input says:
///   'm' edits      the sample, with bytes at two-byte offsets replaced, and perhaps cut
///   'j' edits      the same; the rest of the input is its journal
///   anything else  the input itself
class sample_files {
 public:
  explicit sample_files(byte_source& in);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool database_is_as_written() const;
  /// The same, and the journals as well.
  [[nodiscard]] bool are_as_written() const;
  /// No journal that SQLite would roll back, and no write-ahead log.
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] bool bears_our_stamp() const;

 private:
  std::string path_;
  std::string database_;
  std::string journal_;
};

}  // namespace atto::fuzz
