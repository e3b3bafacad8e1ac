#include <atto/blocking_store.hpp>

#include "integration/sqlite/child_process.hpp"
#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace atto {
namespace {

/// Gives this process a view of the file system of its own, with a small disk at `path`; it ends with the process.
bool mount_small_disk(const std::string& path) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=400k") == 0;
}

turn turn_of(std::int64_t version) {
  return turn({}, history{json::string(std::to_string(version) + std::string(3000, 'x'))});
}

/// Appends until it fails, and gives the last version that was acknowledged.
std::int64_t append_until_full(blocking_store& store, std::int64_t version) {
  try {
    for (;;) {
      store.append("a", version, turn_of(version + 1));
      ++version;
    }
  } catch (const error_with_diagnostics& e) {
    EXPECT_EQ(e.code(), errc::storage_failure);
    EXPECT_EQ(e.get_diagnostics().code(), "SQLITE_FULL");
    EXPECT_NE(e.get_diagnostics().message().find("free space"), std::string::npos);
  }
  return version;
}

void expect_history(blocking_store& store, std::int64_t version) {
  const auto snap = store.load("a");
  ASSERT_TRUE(snap);
  EXPECT_EQ(snap->version, version);
  ASSERT_EQ(snap->total_events(), version);
  for (std::int64_t v = 1; v <= version; ++v) {
    EXPECT_EQ(snap->history[static_cast<std::size_t>(v - 1)], turn_of(v).events[0]);
  }
}

void fill_and_free(const std::string& directory) {
  const std::string path = directory + "/store.db", ballast = directory + "/ballast";
  std::ofstream(ballast) << std::string(100'000, 'x');
  blocking_store store("sqlite:" + path);
  store.ensure_schema();

  std::int64_t version = append_until_full(store, 0);
  EXPECT_GT(version, 10);
  EXPECT_EQ(append_until_full(store, version), version);
  expect_history(store, version);

  std::filesystem::remove(ballast);
  EXPECT_EQ(store.append("a", version, turn_of(version + 1)), version + 1);
  expect_history(store, version + 1);
  version = append_until_full(store, version + 1);
  expect_history(store, version);
  store.close();
  EXPECT_EQ(test::raw_database(path).value("PRAGMA integrity_check"), "ok");
}

TEST(SqliteDisk, AFullDiskLosesNothingAndIsUsedAgainOnceThereIsSpace) {
  const test::temp_dir dir;
  if (!test::passes_in_child([&] { EXPECT_TRUE(mount_small_disk(dir.path().string())); })) {
    GTEST_SKIP() << "a small disk cannot be mounted here: that takes root";
  }
  EXPECT_TRUE(test::passes_in_child([&] {
    ASSERT_TRUE(mount_small_disk(dir.path().string()));
    fill_and_free(dir.path().string());
  }));
}

TEST(SqliteDisk, AFullDiskFailsTheMakingOfTheSchema) {
  const test::temp_dir dir;
  if (!test::passes_in_child([&] { EXPECT_TRUE(mount_small_disk(dir.path().string())); })) {
    GTEST_SKIP() << "a small disk cannot be mounted here: that takes root";
  }
  EXPECT_TRUE(test::passes_in_child([&] {
    ASSERT_TRUE(mount_small_disk(dir.path().string()));
    const std::string ballast = dir.file("ballast");
    std::ofstream(ballast) << std::string(1'000'000, 'x');
    blocking_store store("sqlite:" + dir.file("store.db"));
    try {
      store.ensure_schema();
      ADD_FAILURE() << "made on a full disk";
    } catch (const error_with_diagnostics& e) {
      EXPECT_EQ(e.code(), errc::storage_failure);
    }
    std::filesystem::remove(ballast);
    store.ensure_schema();
    store.append("a", 0, turn());
  }));
}

}  // namespace
}  // namespace atto
