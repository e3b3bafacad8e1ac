#include "support/chaos/lane.hpp"

#include <random>
#include <set>
#include <stdexcept>

namespace atto::test::chaos {

std::vector<std::uint64_t> random_bits(std::uint64_t seed, std::size_t count, std::uint64_t bytes) {
  if (count > bytes * 8) throw std::invalid_argument("more bits to flip than there are");
  std::mt19937_64 random(seed);
  std::set<std::uint64_t> bits;
  while (bits.size() < count) bits.insert(random() % (bytes * 8));
  return {bits.begin(), bits.end()};
}

void flip(std::string& bytes, std::uint64_t first, const std::vector<std::uint64_t>& bits) {
  for (const auto bit : bits) {
    if (bit / 8 < first || bit / 8 - first >= bytes.size()) continue;
    char& byte = bytes[bit / 8 - first];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
  }
}

void lane::take(std::string_view bytes) {
  if (given_up_ || bytes.empty()) return;
  waiting_.emplace_back(bytes);
  size_ += bytes.size();
}

void lane::give_up() {
  waiting_.clear();
  size_ = gone_ = 0;
  given_up_ = true;
}

std::optional<steady::time_point> lane::wakes(const rules& r) const {
  if (r.held || waiting_.empty()) return std::nullopt;
  return r.drip ? next_ : steady::time_point();
}

std::string_view lane::front(steady::time_point now, const rules& r) const {
  const auto from = wakes(r);
  if (!from || *from > now) return {};
  const auto rest = std::string_view(waiting_.front()).substr(gone_);
  return r.drip ? rest.substr(0, r.drip->bytes) : rest;
}

void lane::passed(std::size_t count, steady::time_point now, const rules& r) {
  gone_ += count;
  size_ -= count;
  if (r.drip) next_ = now + r.drip->every;
  if (gone_ < waiting_.front().size()) return;
  waiting_.pop_front();
  gone_ = 0;
}

std::optional<ending> lane::ended(const rules& r) const {
  return size_ == 0 && !r.held ? end_ : std::nullopt;
}

}  // namespace atto::test::chaos
