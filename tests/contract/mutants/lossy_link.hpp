#pragma once

#include <atto/store_requests.hpp>

#include "contract/mutants/direct_store.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

namespace atto::test {

/// A correct store at the end of a bad link. Of the writes some are never sent (unavailable); of others the reply is
/// lost, or the write itself, or it comes to the store late, after its caller was told outcome_unknown.
class lossy_link : public direct_store {
 public:
  lossy_link(std::shared_ptr<session_store> inner, unsigned seed);

 protected:
  answer<std::int64_t> save(save_request r) override;
  answer<std::int64_t> append(append_request r) override;
  answer<bool> remove(remove_request r) override;

 private:
  enum class fate { arrives, reply_lost, lost, late, unsent };

  template <class T, class Request, class Write>
  answer<T> send(Request r, Write write);
  [[nodiscard]] fate next_fate();
  void deliver_a_late_one();

  std::mutex mutex_;
  std::mt19937 random_;                      // guarded by mutex_
  std::vector<std::function<void()>> late_;  // guarded by mutex_
};

}  // namespace atto::test
