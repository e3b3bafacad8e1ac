#pragma once

#include "support/history_recorder.hpp"
#include "support/recorded_history.hpp"

#include <iosfwd>
#include <map>
#include <mutex>
#include <string>

namespace atto::test {

using histories_by_id = std::map<std::string, recorded_history>;

void add_to(histories_by_id& all, const histories_by_id& more);

/// Writes down every operation of this process, a line when it starts and one when it ends, before anything else
/// happens: what another process can still read when this one was killed. Thread-safety: full.
class journal : public operation_watch {
 public:
  explicit journal(int file) : file_(file) {}
  void started(const std::string& id, const recorded_operation& o) override;
  void ended(const std::string& id, const recorded_operation& o) override;

 private:
  void write(const std::string& line);
  std::mutex mutex_;
  int file_;
};

/// What a journal tells. An operation that did not end is in doubt; a line that is not whole was never written.
[[nodiscard]] histories_by_id read_journal(std::istream& in);

}  // namespace atto::test
