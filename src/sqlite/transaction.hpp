#pragma once

#include <atto/failure.hpp>

#include "sqlite/connection.hpp"

namespace atto::sqlite {

/// A transaction; rolled back at its end unless it was committed.
class transaction {
 public:
  enum class access { read, write };

  explicit transaction(connection& c) noexcept : connection_(c) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// Takes the locks: those of a write all at once, so that commit waits for nobody. For a write, a failure here or
  /// later up to commit says that nothing was written.
  failure begin(access a);
  /// Errors: outcome_unknown, or why it is certain that nothing was committed.
  failure commit();

 private:
  connection& connection_;
};

}  // namespace atto::sqlite
