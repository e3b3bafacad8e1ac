#include "postgres/host_queue.hpp"

#include <algorithm>

namespace atto::postgres {

namespace {

bool is_name(const dsn::host& h) {
  return h.address.empty() && !h.name.empty() && !h.name.starts_with('/') && !h.name.starts_with('@');
}

}  // namespace

host_queue::host_queue(const std::vector<dsn::host>& hosts) {
  for (const dsn::host& h : hosts) {
    entries_.push_back(is_name(h) ? entry{h, stage::pending, {}} : entry{h, stage::known, {h.address}});
  }
}

std::vector<std::pair<std::size_t, std::string>> host_queue::names() const {
  std::vector<std::pair<std::size_t, std::string>> all;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].at == stage::pending) all.emplace_back(i, entries_[i].host.name);
  }
  return all;
}

void host_queue::on_resolved(std::size_t number, const std::vector<std::string>& addresses) {
  entry& e = entries_[number];
  e.at = addresses.empty() ? stage::unknown : stage::known;
  e.addresses.assign(addresses.rbegin(), addresses.rend());
}

void host_queue::on_late() {
  if (const std::size_t i = first_pending(); i < entries_.size()) entries_[i].at = stage::late;
}

std::size_t host_queue::first_ready() const noexcept {
  const auto it = std::ranges::find_if(entries_, [](const entry& e) { return !e.addresses.empty(); });
  return static_cast<std::size_t>(it - entries_.begin());
}

std::size_t host_queue::first_pending() const noexcept {
  const auto it = std::ranges::find(entries_, stage::pending, &entry::at);
  return static_cast<std::size_t>(it - entries_.begin());
}

bool host_queue::has_ready() const noexcept {
  return first_ready() < entries_.size();
}

bool host_queue::awaits_earlier() const noexcept {
  return first_pending() < first_ready();
}

dsn::host host_queue::take() {
  entry& e = entries_[first_ready()];
  dsn::host h = e.host;
  h.address = std::move(e.addresses.back());
  e.addresses.pop_back();
  return h;
}

std::size_t host_queue::left() const noexcept {
  std::size_t n = 0;
  for (const entry& e : entries_) n += e.addresses.size() + (e.at == stage::pending ? 1 : 0);
  return n;
}

std::string host_queue::complaint() const {
  for (const entry& e : entries_) {
    if (e.at == stage::late) return "the name " + e.host.name + " was not resolved in time; check DNS";
    if (e.at == stage::unknown) return "the name " + e.host.name + " is not known; check the connection string";
  }
  return {};
}

}  // namespace atto::postgres
