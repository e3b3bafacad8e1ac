#pragma once

/// Everything for users of the library, but <atto/boost_json.hpp>, which needs Boost.JSON.
/// For implementers of stores: <atto/store_requests.hpp>, <atto/completion.hpp>, <atto/store_rules.hpp>,
/// <atto/failure.hpp>, and <atto/testing/…>, which needs GoogleTest.

#include <atto/blocking_store.hpp>
#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/memory_store.hpp>
#include <atto/message_id.hpp>
#include <atto/open_store.hpp>
#include <atto/postgres_pool.hpp>
#include <atto/postgres_store.hpp>
#include <atto/runtime_observer.hpp>
#include <atto/runtime_options.hpp>
#include <atto/session_runtime.hpp>
#include <atto/session_store.hpp>
#include <atto/session_turn.hpp>
#include <atto/snapshot.hpp>
#include <atto/sqlite_store.hpp>
#include <atto/state.hpp>
#include <atto/store_observer.hpp>
#include <atto/store_options.hpp>
#include <atto/version.hpp>
