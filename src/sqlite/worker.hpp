#pragma once

#include "contract/store_journal.hpp"
#include "contract/write_fate.hpp"
#include "sqlite/database.hpp"
#include "sqlite/dispatcher.hpp"
#include "sqlite/operation.hpp"
#include "sqlite/transaction.hpp"

#include <memory>
#include <string>
#include <thread>

namespace atto::sqlite {

/// The one thread that touches the database: it executes what the dispatcher orders, one transaction a group.
class worker {
 public:
  /// `path` is absolute; `j` must outlive the worker.
  worker(std::shared_ptr<dispatcher> d, std::string path, store_journal& j);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  /// The dispatcher must have been shut down. Waits for the group that runs: it stops within milliseconds, or is
  /// committing.
  ~worker();

 private:
  /// How far a transaction came.
  enum class stage {
    begin,       // it did not begin, or not on tables of ours; nobody is to blame
    execute,     // one of its members failed
    taken_back,  // one of its members ended before the commit
    commit,      // it committed or failed to; or there was nothing to commit
  };

  // All of these run on the worker thread.
  void work();
  void execute(kind what, group_members& group);
  void attempt(kind what, group_members& group);
  void count(const group_members& group) noexcept;
  void count_again(const group_members& group) noexcept;
  void read(group_members& group);
  void write(kind what, group_members& group);
  void ensure_schema(group_members& group);
  failure begin(transaction& t, transaction::access a, kind what);
  failure execute_one(group_member& m);
  stage transact(kind what, group_members& group, failure& f);
  failure find_out(const group_members& group, failure lost);
  failure look_at_fate(const group_members& group, write_fate::fate& found);
  void settle(group_members& group, const failure& commit);
  void finish_all(group_members& group, const failure& f);
  void wait_for_all(const group_members& group);
  void wait_for(const group_member& m);
  void let_others_in();

  std::shared_ptr<dispatcher> dispatcher_;
  store_journal& journal_;  // written on the worker thread
  database database_;       // used on the worker thread
  int pauses_left_ = 0;     // used on the worker thread
  std::thread thread_;
};

}  // namespace atto::sqlite
