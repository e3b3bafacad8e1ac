#pragma once

/// Everything but <atto/boost_json.hpp> and <atto/testing/…>, which need Boost.JSON and GoogleTest.

#include <atto/blocking_store.hpp>
#include <atto/claimed_session.hpp>
#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/found_turn.hpp>
#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/memory_store.hpp>
#include <atto/message_id.hpp>
#include <atto/open_store.hpp>
#include <atto/postgres_pool.hpp>
#include <atto/postgres_pool_stats.hpp>
#include <atto/postgres_store.hpp>
#include <atto/runtime_observer.hpp>
#include <atto/session_info.hpp>
#include <atto/session_runtime.hpp>
#include <atto/session_store.hpp>
#include <atto/session_turn.hpp>
#include <atto/snapshot.hpp>
#include <atto/sqlite_store.hpp>
#include <atto/state.hpp>
#include <atto/store_observer.hpp>
#include <atto/store_request.hpp>
#include <atto/store_stats.hpp>
#include <atto/warning.hpp>
