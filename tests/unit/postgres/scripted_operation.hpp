#pragma once

#include "postgres/operation.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres::script {

/// An exchange as a test wants it, with a note of all it was told.
class scripted_exchange final : public exchange {
 public:
  [[nodiscard]] session_key session() const noexcept override { return {"table", id}; }
  [[nodiscard]] bool writes() const noexcept override { return writer; }
  [[nodiscard]] round_kind kind() const noexcept override { return round; }
  [[nodiscard]] std::size_t bytes() const noexcept override { return size; }
  [[nodiscard]] std::vector<statement> next() override {
    static const sql_text sql("SELECT 1");
    ++sent;
    if (on_next) on_next();
    return std::vector<statement>(statements, statement(sql));
  }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override {
    told.push_back(std::move(replies));
    return told.size() == rounds;
  }
  [[nodiscard]] bool in_doubt() const noexcept override { return writer; }
  [[nodiscard]] bool on_lost() override {
    ++lost;
    return resends;
  }
  [[nodiscard]] std::unique_ptr<exchange> errand() override { return std::move(leaves); }

  std::string id;
  bool writer = false;
  round_kind round = round_kind::read;
  std::size_t size = 0;
  std::size_t statements = 1;
  std::size_t rounds = 1;
  int sent = 0;
  int lost = 0;
  bool resends = true;
  std::unique_ptr<exchange> leaves;  // as its errand
  std::function<void()> on_next;
  std::vector<std::vector<reply>> told;
};

class scripted_operation final : public operation {
 public:
  explicit scripted_operation(std::shared_ptr<client> owner = nullptr, time_point deadline = time_point::max())
      : operation(std::move(owner), deadline) {}
  [[nodiscard]] scripted_exchange& exchange() noexcept override { return script; }
  void complete() override { ++completed; }
  void fail(failure f) override { failures.push_back(std::move(f)); }

  scripted_exchange script;
  int completed = 0;
  std::vector<failure> failures;
};

using scripted_ptr = std::shared_ptr<scripted_operation>;

inline scripted_ptr a_write(std::string id, std::uint64_t arrival = 0, std::size_t bytes = 100) {
  auto op = std::make_shared<scripted_operation>();
  op->arrival = arrival;
  op->script.id = std::move(id);
  op->script.writer = true;
  op->script.round = round_kind::write;
  op->script.size = bytes;
  return op;
}

inline scripted_ptr a_read(std::string id, std::uint64_t arrival = 0) {
  auto op = std::make_shared<scripted_operation>();
  op->arrival = arrival;
  op->script.id = std::move(id);
  return op;
}

}  // namespace atto::postgres::script
