#include <atto/runtime_observer.hpp>

namespace atto {

void runtime_observer::on_turn_started(std::string_view, std::chrono::nanoseconds) noexcept {}
void runtime_observer::on_turn_ended(const turn_outcome&) noexcept {}
void runtime_observer::on_hydrated(std::string_view, std::chrono::nanoseconds, const error_code&) noexcept {}
void runtime_observer::on_passivated(std::string_view, bool) noexcept {}
void runtime_observer::on_conflict(std::string_view, bool) noexcept {}
void runtime_observer::on_claim_lost(std::string_view) noexcept {}
void runtime_observer::on_backlog_refused(std::string_view) noexcept {}

}  // namespace atto
