#include "sqlite/database_file.hpp"

#include "sqlite/statements.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace atto::sqlite::database_file {

namespace {

failure broken(const char* message, int error) {
  diagnostics diag;
  diag.message(message);
  // The names SQLite would give, so that an operator has one list to look in.
  if (error == EACCES || error == EPERM || error == EROFS)
    diag.code("SQLITE_READONLY_DIRECTORY");
  else if (error == ENOSPC || error == EDQUOT)
    diag.code("SQLITE_FULL");
  else
    diag.code("SQLITE_CANTOPEN");
  if (error != 0) diag.server_message(std::strerror(error));  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  return {errc::storage_failure, std::move(diag)};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// A new name is durable only when its directory is.
failure sync_directory(const std::string& path) {
  const int fd = ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return broken("the database's directory cannot be opened; check its rights", errno);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (result != 0 && error != EINVAL) return broken("the database's directory cannot be synced; check the disk", error);
  return {};
}

std::int32_t big_endian(const header& h, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(h[at + i]); };
  return static_cast<std::int32_t>(byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3));
}

}  // namespace

failure look(const std::string& path, presence& found) {
  found = presence::absent;
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT) return {};
    return broken("the database file cannot be looked at; check its path and the rights of its directories", errno);
  }
  if (S_ISLNK(st.st_mode)) return broken("the database file is a symbolic link; name the file it points to", 0);
  if (!S_ISREG(st.st_mode)) return broken("the database's path is not a regular file; name another", 0);
  found = presence::regular;
  return {};
}

failure create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return broken("the database file cannot be made; check that its directory exists and is writable", errno);
  }
  ::close(fd);
  return sync_directory(path);
}

bool has_journal(const std::string& path) {
  for (const char* suffix : {"-journal", "-wal"}) {
    struct stat st {};
    if (::lstat((path + suffix).c_str(), &st) == 0 && st.st_size > 0) return true;
  }
  return false;
}

failure check_header(const header& h, std::int64_t size, bool journal) {
  using namespace std::string_view_literals;
  constexpr auto magic = "SQLite format 3\0"sv;
  const auto refuse = [](const char* message, const char* code) {
    diagnostics diag;
    diag.message(message).code(code);
    return failure(errc::schema_mismatch, std::move(diag));
  };
  if (size == 0) return {};
  if (size < static_cast<std::int64_t>(header_size) || std::memcmp(h.data(), magic.data(), magic.size()) != 0) {
    return refuse("the file is not an SQLite database; name another file", "SQLITE_NOTADB");
  }
  const std::int32_t application = big_endian(h, 68);
  if (application == application_id) {
    if (big_endian(h, 60) <= schema_version) return {};
    return refuse("the database was made by a newer release of atto; use that release", "");
  }
  const bool write_ahead = h[write_version_at] == log_mode || h[read_version_at] == log_mode;
  // An unstamped file may be an empty database: that is for the caller to find out, unless looking would change it.
  if (application == 0 && !write_ahead && !journal) return {};
  return refuse("the file is another application's database; name another file", "");
}

}  // namespace atto::sqlite::database_file
