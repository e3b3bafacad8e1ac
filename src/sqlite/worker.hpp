#pragma once

#include "sqlite/connection.hpp"
#include "sqlite/dispatcher.hpp"
#include "sqlite/patience.hpp"

#include <memory>
#include <string>
#include <thread>

namespace atto::sqlite {

/// The one thread that touches the database: it executes what the dispatcher orders, one transaction an operation.
class worker {
 public:
  /// `path` is absolute.
  worker(std::shared_ptr<dispatcher> d, std::string path);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  /// The dispatcher must have been shut down. Waits for the operation that runs: it stops within milliseconds, or is
  /// committing.
  ~worker();

 private:
  // All of these run on the worker thread.
  void work();
  void execute(dispatcher::ticket id, operation& op);
  failure attempt_or_out_of_memory(dispatcher::ticket id, operation& op);
  failure attempt(dispatcher::ticket id, operation& op);
  failure connect(kind what);
  failure check_version();
  failure read(operation& op);
  failure write(dispatcher::ticket id, operation& op);
  failure ensure_schema(dispatcher::ticket id, operation& op);
  failure explain(failure f, kind what);

  std::shared_ptr<dispatcher> dispatcher_;
  std::string path_;
  patience patience_;                       // used on the worker thread
  std::unique_ptr<connection> connection_;  // used on the worker thread; its tables are there, its statements prepared
  std::thread thread_;
};

}  // namespace atto::sqlite
