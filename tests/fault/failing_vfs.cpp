#include "fault/failing_vfs.hpp"

#include "fault/nth_call.hpp"

#include <sqlite3.h>

#include <mutex>
#include <stdexcept>

namespace atto::test {

namespace {

struct plan {
  std::mutex mutex;
  nth_call which;
  bool tears = false;
};

plan& the_plan() {
  static plan p;
  return p;
}

enum class verdict { pass, fail, tear };

verdict judge() {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  if (!p.which.fails()) return verdict::pass;
  return p.tears ? verdict::tear : verdict::fail;
}

/// The real file lies right behind.
struct file {
  sqlite3_file base;
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* f) {
  return reinterpret_cast<file*>(f)->real();
}

int close_file(sqlite3_file* f) {
  return real(f)->pMethods == nullptr ? SQLITE_OK : real(f)->pMethods->xClose(real(f));
}

int read_file(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), to, size, at);
}

int write_file(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
  const verdict v = judge();
  if (v == verdict::tear) real(f)->pMethods->xWrite(real(f), from, size / 2, at);
  return v == verdict::pass ? real(f)->pMethods->xWrite(real(f), from, size, at) : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  return judge() == verdict::pass ? real(f)->pMethods->xTruncate(real(f), size) : SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* f, int flags) {
  return judge() == verdict::pass ? real(f)->pMethods->xSync(real(f), flags) : SQLITE_IOERR_FSYNC;
}

int size_of_file(sqlite3_file* f, sqlite3_int64* size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}

int lock_file(sqlite3_file* f, int level) {
  return real(f)->pMethods->xLock(real(f), level);
}

int unlock_file(sqlite3_file* f, int level) {
  return real(f)->pMethods->xUnlock(real(f), level);
}

int is_reserved(sqlite3_file* f, int* out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

int control_file(sqlite3_file* f, int what, void* argument) {
  return real(f)->pMethods->xFileControl(real(f), what, argument);
}

int sector_size(sqlite3_file* f) {
  return real(f)->pMethods->xSectorSize(real(f));
}

int characteristics(sqlite3_file* f) {
  return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

/// Version 1: no shared memory, no mapped files, of which the store uses neither.
constexpr sqlite3_io_methods methods = {
    1,         close_file,  read_file,   write_file,   truncate_file, sync_file,       size_of_file,
    lock_file, unlock_file, is_reserved, control_file, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,     nullptr,     nullptr,      nullptr};

sqlite3_vfs* real_vfs(sqlite3_vfs* v) {
  return static_cast<sqlite3_vfs*>(v->pAppData);
}

int open_file(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
  f->pMethods = nullptr;
  const int rc = real_vfs(v)->xOpen(real_vfs(v), name, real(f), flags, out);
  if (real(f)->pMethods != nullptr) f->pMethods = &methods;
  return rc;
}

int delete_file(sqlite3_vfs* v, const char* name, int sync) {
  return judge() == verdict::pass ? real_vfs(v)->xDelete(real_vfs(v), name, sync) : SQLITE_IOERR_DELETE;
}

int access_file(sqlite3_vfs* v, const char* name, int flags, int* out) {
  return real_vfs(v)->xAccess(real_vfs(v), name, flags, out);
}

int full_path(sqlite3_vfs* v, const char* name, int size, char* out) {
  return real_vfs(v)->xFullPathname(real_vfs(v), name, size, out);
}

void install() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
    sqlite3_vfs copy = *found;  // what is left as it was does not look at the file
    copy.zName = "failing";
    copy.pNext = nullptr;
    copy.szOsFile += static_cast<int>(sizeof(file));
    copy.pAppData = found;
    copy.xOpen = open_file;
    copy.xDelete = delete_file;
    copy.xAccess = access_file;
    copy.xFullPathname = full_path;
    return copy;
  }();
  static const int installed = sqlite3_vfs_register(&vfs, 1);
  if (installed != SQLITE_OK) throw std::runtime_error("the failing VFS cannot be registered");
}

}  // namespace

void failing_vfs::arm(std::size_t n, how h) {
  install();
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  p.which.arm(n, h == how::from_then_on);
  p.tears = h == how::once_torn;
}

bool failing_vfs::disarm() {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  return p.which.disarm();
}

}  // namespace atto::test
