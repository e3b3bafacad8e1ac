#include "postgres/connection.hpp"

#include "postgres/strand_check.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cassert>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace atto::postgres {

using boost::asio::posix::stream_descriptor;

namespace {

constexpr int binary_format = 1;
constexpr int most_nulls_in_a_row = 4;

/// What libpq wants to know of the parameters.
struct parameter_list {
  explicit parameter_list(const statement& s) : count(s.parameters.size()) {
    for (std::size_t i = 0; i < count; ++i) {
      const parameter& p = s.parameters[i];
      types.at(i) = static_cast<Oid>(p.oid);
      values.at(i) = p.bytes.data();
      lengths.at(i) = static_cast<int>(p.bytes.size());
      formats.at(i) = binary_format;
    }
  }

  static constexpr std::size_t most = 16;
  std::size_t count;
  std::array<Oid, most> types{};
  std::array<const char*, most> values{};
  std::array<int, most> lengths{}, formats{};
};

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

reply error_reply(const PGresult* result) {
  reply r;
  r.sqlstate = field(result, PG_DIAG_SQLSTATE);
  r.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  return r;
}

/// A commit whose wait for the standby was broken off is a success with a warning; its text is the server's language,
/// its SQLSTATE that of any warning, so it is known by the function that gives it.
bool breaks_off_replication(const PGresult* notice) {
  return field(notice, PG_DIAG_SOURCE_FUNCTION) == "SyncRepWaitForLSN";
}

/// The rows are not copied: they lie in the result, which the reply keeps.
reply make_reply(std::shared_ptr<const PGresult> result) {
  reply r;
  // libpq only reads here, but takes no pointer to const.
  r.affected = std::strtoll(PQcmdTuples(const_cast<PGresult*>(result.get())), nullptr, 10);  // NOLINT
  const int rows = PQntuples(result.get()), columns = PQnfields(result.get());
  r.rows.resize(static_cast<std::size_t>(rows));
  for (int i = 0; i < rows; ++i) {
    auto& row = r.rows[static_cast<std::size_t>(i)];
    row.reserve(static_cast<std::size_t>(columns));
    for (int j = 0; j < columns; ++j) {
      if (PQgetisnull(result.get(), i, j) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string_view(PQgetvalue(result.get(), i, j),
                                          static_cast<std::size_t>(PQgetlength(result.get(), i, j))));
      }
    }
  }
  if (rows > 0) r.owner = std::move(result);
  return r;
}

}  // namespace

connection::connection(const boost::asio::any_io_executor& strand, open_connection o, std::size_t number,
                       std::weak_ptr<connection_events> owner)
    : socket_(strand),
      handle_(std::move(o.handle)),
      number_(number),
      owner_(std::move(owner)),
      own_session_(o.own_session),
      prepares_(o.prepares) {
  PQsetNoticeReceiver(handle_.get(), &connection::on_notice, this);
}

/// To an idle client a server says farewell by an error that libpq hands on as a notice, a moment before it hangs up.
void connection::on_notice(void* self, const pg_result* notice) {
  const std::string severity = field(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == "FATAL" || severity == "PANIC") static_cast<connection*>(self)->dismissed_ = true;
  if (breaks_off_replication(notice)) static_cast<connection*>(self)->unproven_ = true;
}

connection::~connection() {
  close();
}

bool connection::usable() {
  assert(runs_on(socket_.get_executor()));
  constexpr int most_messages = 16;  // more than a server says to an idle client
  pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
  for (int i = 0; i < most_messages && PQstatus(handle_.get()) == CONNECTION_OK; ++i) {
    if (::poll(&socket, 1, 0) == 0) return !dismissed_;
    if (PQconsumeInput(handle_.get()) != 1) return false;
    static_cast<void>(PQisBusy(handle_.get()));  // takes the messages in
  }
  return false;
}

void connection::watch() {
  if (watching_) return;
  boost::system::error_code ec;
  if (!socket_.is_open()) socket_.assign(duplicate_socket(handle_.get()), ec);
  if (ec) return lose();
  watching_ = true;
  socket_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code failed) {
    self->watching_ = false;
    if (self->handle_ == nullptr) return;
    if (!failed) self->on_readable();
    if (self->handle_ != nullptr && self->syncs_expected_ > 0) self->watch();
  });
}

void connection::on_readable() {
  assert(runs_on(socket_.get_executor()));
  heard_ = true;
  // libpq must read before it writes: with both buffers full, neither side would go on.
  if (PQconsumeInput(handle_.get()) != 1) {
    read_replies();  // what came before the end counts
    return lose();
  }
  if (waiting_to_write_) flush();
  read_replies();
}

void connection::read_replies() {
  // The owner may close us in any of the calls.
  while (handle_ != nullptr && syncs_expected_ > 0 && PQisBusy(handle_.get()) == 0) {
    PGresult* result = PQgetResult(handle_.get());
    if (result != nullptr) {
      nulls_ = 0;
      take_result(result);
    } else if (++nulls_ > most_nulls_in_a_row) {
      return lose();
    }
  }
  if (handle_ != nullptr && PQstatus(handle_.get()) == CONNECTION_BAD) lose();
}

bool connection::take_preparation(bool failed) {
  if (results_expected_.empty()) return false;  // libpq's own words about a connection that broke
  const sql_text* const text = results_expected_.front();
  results_expected_.pop_front();
  if (text != nullptr && failed) prepared_.erase(*text);
  return text != nullptr;
}

void connection::take_result(PGresult* result) {
  std::shared_ptr<PGresult> owned(result, PQclear);
  const auto owner = owner_.lock();
  if (owner == nullptr) return;
  const ExecStatusType status = PQresultStatus(result);
  const bool succeeded = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (status != PGRES_PIPELINE_SYNC && take_preparation(!succeeded) && succeeded) return;
  switch (status) {
    case PGRES_PIPELINE_SYNC:
      --syncs_expected_;
      owner->on_sync(number_, !std::exchange(unproven_, false));
      return;
    case PGRES_PIPELINE_ABORTED:
      return;  // the error that caused it was told
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
      return owner->on_reply(number_, make_reply(std::move(owned)));
    case PGRES_NONFATAL_ERROR:
      return;
    case PGRES_EMPTY_QUERY:
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
      // What libpq itself says, the server does not know of: it may commit all the same.
      if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) return lose();
      return owner->on_reply(number_, error_reply(result));
  }
}

bool connection::send_one(const statement& s) {
  constexpr std::size_t most_prepared = 256;  // a pool may serve any number of tables
  const parameter_list p(s);
  const int count = static_cast<int>(p.count);
  if (prepares_ && (prepared_.size() < most_prepared || prepared_.contains(*s.sql))) {
    const std::string* const name = prepare(s);
    results_expected_.push_back(nullptr);
    return name != nullptr && PQsendQueryPrepared(handle_.get(), name->c_str(), count, p.values.data(),
                                                  p.lengths.data(), p.formats.data(), binary_format) == 1;
  }
  results_expected_.push_back(nullptr);
  return PQsendQueryParams(handle_.get(), s.sql->text.c_str(), count, p.types.data(), p.values.data(), p.lengths.data(),
                           p.formats.data(), binary_format) == 1;
}

const std::string* connection::prepare(const statement& s) {
  const auto [it, is_new] = prepared_.try_emplace(*s.sql);
  auto& [sql, name] = *it;
  if (!is_new) return &name;
  // The name follows from the text: behind a pooler it may meet another client's statement, which is then the same one.
  name = fmt::format("atto_{:016x}_{}", sql.hash, sql.text.size());
  results_expected_.push_back(&sql);
  const parameter_list p(s);
  const bool sent =
      PQsendPrepare(handle_.get(), name.c_str(), sql.text.c_str(), static_cast<int>(p.count), p.types.data()) == 1;
  return sent ? &name : nullptr;
}

void connection::send(const std::vector<statement>& round) {
  assert(runs_on(socket_.get_executor()));
  for (const statement& s : round) {
    if (!send_one(s)) return lose();
  }
  if (PQpipelineSync(handle_.get()) != 1) return lose();
  ++syncs_expected_;
  nulls_ = 0;
  heard_ = false;
  watch();  // before flush, which may have to wait on the watched descriptor
  if (handle_ != nullptr) flush();
}

void connection::flush() {
  const int left = PQflush(handle_.get());
  if (left < 0) return lose();
  if (left == 0 || waiting_to_write_) {
    waiting_to_write_ = left != 0;
    return;
  }
  waiting_to_write_ = true;
  socket_.async_wait(stream_descriptor::wait_write, [self = shared_from_this()](boost::system::error_code ec) {
    self->waiting_to_write_ = false;
    if (self->handle_ == nullptr) return;
    ec ? self->lose() : self->flush();
  });
}

void connection::lose() {
  if (handle_ == nullptr) return;
  close();
  const auto owner = std::exchange(owner_, {}).lock();
  if (owner != nullptr) owner->on_lost(number_, {errc::unavailable, "try again"});
}

void connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  handle_.reset();
}

pg_handle connection::release() {
  assert(runs_on(socket_.get_executor()));
  boost::system::error_code ignored;
  socket_.close(ignored);
  silence(handle_.get());
  if (PQexitPipelineMode(handle_.get()) != 1) handle_.reset();
  owner_.reset();
  return std::move(handle_);
}

}  // namespace atto::postgres
