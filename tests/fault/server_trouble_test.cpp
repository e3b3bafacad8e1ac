#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "support/own_server.hpp"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

// SQLSTATEs that a whole server has to be changed for.
namespace atto::test {
namespace {

class ServerTrouble : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_OWN_SERVER();
    server = std::make_unique<own_server>();
  }

  void TearDown() override {
    store.reset();
    made.reset();
  }

  void use() {
    auto options = fault_store::quick_to_return();
    options.size = 2;
    made = postgres::open(io.executor(), server->dsn() + " application_name=trouble", {.table = "t"}, options);
    store = std::make_unique<blocking_store>(*made);
    store->ensure_schema();
  }

  io_thread io;
  std::unique_ptr<own_server> server;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
};

TEST_F(ServerTrouble, AServerThatTurnsReadOnlyUnderALiveConnectionIsUnavailableAndUsedAgainAfterwards) {  // 25006
  use();
  store->save(canary, whole(1));
  server->set("default_transaction_read_only", "on");
  std::int64_t version = 1;
  failure_of f([] {});
  while (!f.code) f = discreet_failure_of([&] { version = store->save(canary, whole(version + 1)); });
  EXPECT_EQ(f.code, errc::unavailable);
  // A session that may be written to, for the server lets none change it otherwise.
  test_connection admin(server->dsn() + " options='-c default_transaction_read_only=off'");
  admin.run("ALTER SYSTEM SET default_transaction_read_only = off");
  admin.run("SELECT pg_reload_conf()");
  EXPECT_TRUE(eventually([&] { return !discreet_failure_of([&] { store->save(canary, whole(version + 1)); }).code; }));
  EXPECT_EQ(store->load(canary), whole(version + 1));
}

/// A small disk at `path`, in a view of the file system of this thread's and its children's own.
bool mount_small_disk(const std::string& path) {
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) return false;
  const std::string options = "size=900k,mode=700,uid=" + std::to_string(user->pw_uid);
  return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

turn large_turn() {
  return {{}, history{json::string(canary + std::string(1'500, 'x'))}};
}

TEST_F(ServerTrouble, AFullDiskIsToldAndLosesNothingAndIsUsedAgainOnceThereIsSpace) {  // 53100
  const temp_dir disk;
  if (::geteuid() != 0 || !mount_small_disk(disk.path().string())) GTEST_SKIP() << "only root may mount a small disk";
  server = std::make_unique<own_server>();  // which sees the disk
  std::filesystem::permissions(disk.path(), std::filesystem::perms::all);
  const auto ballast = disk.path() / "ballast";
  std::filesystem::create_directory(disk.path() / "space");
  std::filesystem::permissions(disk.path() / "space", std::filesystem::perms::all);
  ASSERT_EQ(::chown((disk.path() / "space").c_str(), ::getpwnam("postgres")->pw_uid, ::getpwnam("postgres")->pw_gid),
            0);
  test_connection(server->dsn()).run("CREATE TABLESPACE small LOCATION '" + (disk.path() / "space").string() + "'");
  test_connection(server->dsn()).run("ALTER ROLE atto SET default_tablespace = 'small'");
  std::ofstream(ballast) << std::string(300'000, 'x');
  use();
  std::int64_t version = 0;
  failure_of f([] {});
  while (!f.code && version < 10'000) {
    f = discreet_failure_of([&] { version = store->append(canary, version, large_turn()); });
  }
  EXPECT_EQ(f.code, errc::storage_failure);
  EXPECT_EQ(f.diag.code(), "53100");
  EXPECT_THAT(f.diag.message(), testing::HasSubstr("free space"));
  EXPECT_EQ(store->load(canary)->total_events(), version);
  std::filesystem::remove(ballast);
  EXPECT_EQ(store->append(canary, version, large_turn()), version + 1);
  EXPECT_EQ(store->load(canary)->total_events(), version + 1);
}

}  // namespace
}  // namespace atto::test
