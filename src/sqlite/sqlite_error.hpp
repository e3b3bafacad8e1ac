#pragma once

#include <atto/failure.hpp>

#include <string>
#include <string_view>

namespace atto::sqlite {

/// The symbolic name of a result code, the extended one where it says more: "SQLITE_FULL", "SQLITE_IOERR_FSYNC".
[[nodiscard]] std::string_view code_name(int code) noexcept;

/// What an operation that has written nothing fails with. `code` is an extended result code; `text` is SQLite's.
failure to_failure(int code, std::string text);

/// The same for a COMMIT that failed: outcome_unknown unless the code is proof that nothing was committed.
failure commit_failure(int code, std::string text);

}  // namespace atto::sqlite
