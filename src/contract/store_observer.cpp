#include <atto/store_observer.hpp>

namespace atto {

void store_observer::on_group_sent(const group_sent_event&) noexcept {}
void store_observer::on_connected() noexcept {}
void store_observer::on_connection_lost(const connection_failure&) noexcept {}
void store_observer::on_attempt_failed(const connection_failure&) noexcept {}

}  // namespace atto
