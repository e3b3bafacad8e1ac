#include <atto/store_observer.hpp>

namespace atto {

void store_observer::on_group_sent(const sent_group&) noexcept {}
void store_observer::on_connected() noexcept {}
void store_observer::on_connection_lost(const connection_trouble&) noexcept {}
void store_observer::on_attempt_failed(const connection_trouble&) noexcept {}

}  // namespace atto
