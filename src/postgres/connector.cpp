#include "postgres/connector.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {

using boost::asio::posix::stream_descriptor;

void finish_connection::operator()(pg_conn* c) const noexcept {
  PQfinish(c);
}

namespace {

/// libpq writes notices to stderr unless told otherwise; a library prints nothing.
void drop_notice(void*, const PGresult*) {}

/// Host lists as libpq takes them: as many entries in each, joined by commas.
struct host_lists {
  explicit host_lists(const std::vector<dsn::host>& hosts) {
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      const char* comma = i == 0 ? "" : ",";
      names += comma + hosts[i].name;
      addresses += comma + hosts[i].address;
      ports += comma + hosts[i].port;
      any_address = any_address || !hosts[i].address.empty();
      any_port = any_port || !hosts[i].port.empty();
    }
  }

  std::string names, addresses, ports;
  bool any_address = false;
  bool any_port = false;
};

pg_handle begin_connecting(const dsn& where, const std::vector<dsn::host>& hosts) {
  const host_lists lists(hosts);
  std::vector<const char*> keywords, values;
  const auto add = [&](const char* keyword, const std::string& value) {
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  for (const auto& [keyword, value] : where.parameters()) add(keyword.c_str(), value);
  // Nothing of a host in the string, the service or the environment: libpq's default.
  const bool default_host = hosts.size() == 1 && hosts[0].name.empty();
  if (!default_host) add("host", lists.names);
  if (lists.any_address) add("hostaddr", lists.addresses);
  if (lists.any_port) add("port", lists.ports);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return pg_handle(PQconnectStartParams(keywords.data(), values.data(), 0));
}

}  // namespace

connector::connector(boost::asio::any_io_executor strand, std::shared_ptr<const dsn> where,
                     std::chrono::milliseconds statement_timeout)
    : strand_(std::move(strand)),
      where_(std::move(where)),
      statement_timeout_(statement_timeout),
      resolver_(strand_),
      limit_(strand_),
      socket_(strand_) {}

connector::~connector() {
  if (socket_.is_open()) socket_.release();  // libpq owns the descriptor
}

void connector::start(std::chrono::milliseconds limit, callback done) {
  done_ = std::move(done);
  limit_.expires_after(limit);
  limit_.async_wait([self = shared_from_this(), limit](boost::system::error_code ec) {
    if (!ec) self->fail(fmt::format("not within {} ms; is it up and reachable?", limit.count()));
  });
  resolver_.start(where_->hosts(), [self = weak_from_this()](std::vector<dsn::host> hosts) {
    if (const auto alive = self.lock()) alive->connect(hosts);
  });
}

void connector::cancel() {
  done_ = nullptr;
  end(nullptr, {});
}

void connector::connect(const std::vector<dsn::host>& hosts) {
  if (done_ == nullptr) return;
  if (hosts.empty()) return fail("the host's name is not known; check the connection string");
  connection_ = begin_connecting(*where_, hosts);
  if (connection_ == nullptr) return fail("out of memory");
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return fail("is the server up and reachable?");
  PQsetNoticeReceiver(connection_.get(), drop_notice, nullptr);
  // libpq: behave as if PQconnectPoll had returned PGRES_POLLING_WRITING.
  wait_for_socket(stream_descriptor::wait_write, &connector::poll);
}

void connector::poll() {
  switch (PQconnectPoll(connection_.get())) {
    case PGRES_POLLING_READING:
      return wait_for_socket(stream_descriptor::wait_read, &connector::poll);
    case PGRES_POLLING_WRITING:
      return wait_for_socket(stream_descriptor::wait_write, &connector::poll);
    case PGRES_POLLING_OK:
      return configure();
    case PGRES_POLLING_ACTIVE:
    case PGRES_POLLING_FAILED:
      break;
  }
  if (PQconnectionNeedsPassword(connection_.get()) != 0) {
    return fail("the server asks for a password; give one, best in PGPASSFILE");
  }
  if (PQconnectionUsedPassword(connection_.get()) != 0) {
    return fail("the server did not let us in; check user, password and database");
  }
  fail("is the server up and reachable?");
}

void connector::configure() {
  if (PQsetnonblocking(connection_.get(), 1) != 0) return fail("libpq failed");
  if (statement_timeout_.count() == 0) return become_ready();
  const std::string set = fmt::format("SET statement_timeout = {}", statement_timeout_.count());
  if (PQsendQuery(connection_.get(), set.c_str()) != 1) return fail("the connection broke at once");
  read_configured();
}

void connector::read_configured() {
  pg_conn* c = connection_.get();
  if (PQflush(c) < 0 || PQconsumeInput(c) != 1) return fail("the connection broke at once");
  while (PQisBusy(c) == 0) {
    PGresult* result = PQgetResult(c);
    if (result == nullptr) return become_ready();
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!ok) return fail("the server refused SET statement_timeout; set pool_options::statement_timeout to 0");
  }
  wait_for_socket(stream_descriptor::wait_read, &connector::read_configured);
}

void connector::become_ready() {
  if (PQenterPipelineMode(connection_.get()) != 1) return fail("libpq failed to enter pipeline mode");
  end(std::move(connection_), {});
}

void connector::wait_for_socket(stream_descriptor::wait_type what, void (connector::*then)()) {
  boost::system::error_code ec;
  socket_.assign(PQsocket(connection_.get()), ec);
  if (ec) return fail("the socket cannot be watched");
  socket_.async_wait(what, [self = shared_from_this(), then](boost::system::error_code) {
    if (self->socket_.is_open()) self->socket_.release();
    if (self->done_ != nullptr && self->connection_ != nullptr) (self.get()->*then)();
  });
}

void connector::fail(std::string_view reason) {
  if (done_ == nullptr) return;
  diagnostics diag;
  diag.message(fmt::format("no connection to {}: {}", where_->describe_hosts(), reason));
  if (connection_ != nullptr) diag.server_message(where_->redact(PQerrorMessage(connection_.get())));
  end(nullptr, {errc::unavailable, std::move(diag)});
}

void connector::end(pg_handle connection, failure f) {
  limit_.cancel();
  if (socket_.is_open()) socket_.release();
  connection_.reset();
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(connection), std::move(f));
}

}  // namespace atto::postgres
