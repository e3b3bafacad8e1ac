#pragma once

#include <cstdint>
#include <string>

namespace atto::test {

/// What the server itself has written of a store's sessions: a trigger notes each change of a row in the transaction
/// that makes it, so a write that was done twice stands there twice, and one that was rolled back does not.
class write_audit {
 public:
  /// The store's tables must exist already.
  explicit write_audit(std::string table);
  write_audit(const write_audit&) = delete;
  write_audit& operator=(const write_audit&) = delete;
  ~write_audit();

  /// How often a version of a session was written.
  [[nodiscard]] int times(const std::string& id, std::int64_t version) const;
  /// Every version that was written more than once, as text for a message; empty: there is none.
  [[nodiscard]] std::string repeated() const;

 private:
  std::string table_;
};

}  // namespace atto::test
