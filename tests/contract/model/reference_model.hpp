#pragma once

#include "contract/model/call.hpp"

#include <map>
#include <string>
#include <vector>

namespace atto::model {

/// What session_store.hpp promises, written down once more and as plainly as can be: no code is shared with a store.
class reference_model {
 public:
  [[nodiscard]] answer run(const call& c);
  /// id, version and events of all.
  [[nodiscard]] std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> stored() const;

 private:
  [[nodiscard]] answer load(const call& c) const;
  [[nodiscard]] answer save(const call& c);
  [[nodiscard]] answer append(const call& c);
  [[nodiscard]] answer remove(const call& c);
  [[nodiscard]] answer list(const call& c) const;
  [[nodiscard]] std::int64_t version_of(const std::string& id) const;

  std::map<std::string, snapshot> sessions_;
};

}  // namespace atto::model
