#pragma once

#include <atto/store_requests.hpp>

#include "contract/write_fate.hpp"
#include "contract/write_id.hpp"
#include "sqlite/session_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace atto::sqlite {

/// A whole save, and what became of it when its commit ended in doubt.
class save_work {
 public:
  explicit save_work(save_request r) : request_(std::move(r)) {}

  result<std::int64_t> operator()(connection& c) const { return session_rows::save(c, request_, write_id_); }
  [[nodiscard]] write_fate::fate fate(connection& c) const {
    const auto found = session_rows::find_trace(c, request_.id, request_.snap.version);
    if (!found) return write_fate::fate::unknown;
    // No copy of it is on its way any more: what is not there will not come.
    return write_fate::of_save(*found, request_.snap.version, 0, write_id_);
  }

 private:
  save_request request_;
  std::string write_id_ = make_write_id();
};

class append_work {
 public:
  append_work(append_request r, std::size_t max_bytes) : request_(std::move(r)), max_bytes_(max_bytes) {}

  result<std::int64_t> operator()(connection& c) const {
    return session_rows::append(c, request_, write_id_, max_bytes_);
  }
  [[nodiscard]] write_fate::fate fate(connection& c) const {
    const auto found = session_rows::find_trace(c, request_.id, request_.base + 1);
    if (!found) return write_fate::fate::unknown;
    return write_fate::of_append(*found, request_.base, 0, write_id_);
  }

 private:
  append_request request_;
  std::string write_id_ = make_write_id();
  std::size_t max_bytes_;
};

}  // namespace atto::sqlite
