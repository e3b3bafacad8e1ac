#pragma once

#include "contract/model/call.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace atto::model {

/// What session_store.hpp promises, written down once more and as plainly as can be: no code is shared with a store.
class reference_model {
 public:
  [[nodiscard]] answer run(const call& c);
  [[nodiscard]] const standings& known() const { return known_; }

 private:
  /// A session, or what is kept of one that is absent.
  struct entry {
    snapshot snap{};         // of version 0: absent
    std::int64_t claim = 0;  // 0: nobody's
    std::string owner{}, address{};
    bool alive = false;  // the claim
    std::map<message_id, turn_record> turns{};
  };

  [[nodiscard]] answer load(const std::string& id, std::size_t last) const;
  [[nodiscard]] answer save(const call& c);
  [[nodiscard]] answer append(const call& c);
  [[nodiscard]] answer remove(const call& c);
  [[nodiscard]] answer list(const call& c) const;
  [[nodiscard]] answer claim(const call& c);
  [[nodiscard]] answer renew(const call& c);
  [[nodiscard]] answer release(const call& c);
  [[nodiscard]] answer find_turn(const call& c) const;
  [[nodiscard]] answer sweep();
  [[nodiscard]] std::int64_t version_of(const std::string& id) const;
  [[nodiscard]] bool holds(const call& c) const;
  void keep(const call& c, snapshot&& next, const history& turn);

  std::map<std::string, entry> entries_;
  std::int64_t claims_given_ = 0;
  standings known_;
};

}  // namespace atto::model
