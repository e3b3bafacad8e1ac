#include "fault/possible_sessions.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>

namespace atto::test {
namespace {

const std::string id = "s";
const snapshot third(3, state(), history());

/// One client saves a session, and the store does not know what became of its remove.
class PossibleSessions : public testing::Test {
 protected:
  static void save(possible_sessions& known) {
    known.on_write(id, possible_sessions::save(third), [] {});
  }
  static void save_and_remove_in_doubt(possible_sessions& known) {
    save(known);
    known.on_remove(id, [] { throw error_with_diagnostics(errc::outcome_unknown, diagnostics()); });
  }

  possible_sessions server{possible_sessions::removes::or_late}, file;
};

TEST_F(PossibleSessions, ARemoveInDoubtMayComeAfterItWasSeenUndone) {
  save_and_remove_in_doubt(server);
  server.on_load(id, third);
  server.on_load(id, {});
}

TEST_F(PossibleSessions, ARemoveInDoubtComesOnce) {
  save_and_remove_in_doubt(server);
  server.on_load(id, {});
  save(server);
  server.on_load(id, third);
  EXPECT_NONFATAL_FAILURE(server.on_load(id, {}), "which is not what was said");
}

TEST_F(PossibleSessions, ARemoveInDoubtTakesNoOtherVersion) {
  save_and_remove_in_doubt(server);
  server.on_write(id, possible_sessions::append(3, {state(), history()}), [] {});
  EXPECT_NONFATAL_FAILURE(server.on_load(id, {}), "which is not what was said");
}

TEST_F(PossibleSessions, InAFileARemoveThatWasSeenUndoneNeverComes) {
  save_and_remove_in_doubt(file);
  file.on_load(id, third);
  EXPECT_NONFATAL_FAILURE(file.on_load(id, {}), "which is not what was said");
}

}  // namespace
}  // namespace atto::test
