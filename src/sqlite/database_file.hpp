#pragma once

#include <atto/failure.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

/// The database file as the file system sees it. It is never opened here while it exists: closing any descriptor of a
/// file drops all POSIX locks that this process's SQLite connections hold on it.
namespace atto::sqlite::database_file {

enum class presence { absent, regular };

/// Whether the file is there. Errors: storage_failure for what is not a regular file (a symbolic link included), or
/// cannot be looked at.
failure look(const std::string& path, presence& found);

/// Makes an empty file of mode 0600 and syncs its directory; one that is there already, or is being made by another
/// process, is left alone. Errors: storage_failure.
failure create(const std::string& path);

/// True when a rollback journal or write-ahead log of that file holds anything.
[[nodiscard]] bool has_journal(const std::string& path);

/// The first bytes of an SQLite file.
inline constexpr std::size_t header_size = 100;
using header = std::array<unsigned char, header_size>;
/// Where it says how the file is written and read (SQLite's file format, 1.3.3), and what it says then of a file in
/// write-ahead log mode.
inline constexpr int write_version_at = 18, read_version_at = 19;
inline constexpr unsigned char log_mode = 2;

/// Decides whether SQLite may read a file of `size` bytes that begins with `h`: reading another application's file may
/// change it, by rolling back its journal or recovering its log. Pure. Errors: schema_mismatch.
failure check_header(const header& h, std::int64_t size, bool journal);

}  // namespace atto::sqlite::database_file
