#pragma once

/// The contract of atto::session_store as a GoogleTest suite, for any store.
///
/// Include this header in exactly one source file of a test program, and say what to run it on:
///
///     #include <atto/testing/store_contract.hpp>
///     #include <my_store.hpp>
///
///     using namespace atto::testing;
///
///     const atto::testing::contract_subject my_store{
///         .name = "my_store",
///         .fresh = [] {
///           auto storage = std::make_shared<my_empty_storage>();
///           return [storage](boost::asio::any_io_executor executor, atto::store_limits limits) {
///             return std::make_shared<my_store_on>(executor, storage, limits);
///           };
///         }};
///     INSTANTIATE_TEST_SUITE_P(MyStore, StoreContract, testing::Values(my_store));
///     INSTANTIATE_TEST_SUITE_P(MyStore, StoreClaimsContract, testing::Values(my_store));
///     INSTANTIATE_TEST_SUITE_P(MyStore, StoreMessagesContract, testing::Values(my_store));
///
/// For a store without claims say `.has_claims = false`, and in place of the second line
///
///     GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreClaimsContract);
///
/// and likewise, without message ids, `.has_message_ids = false` and the third line. examples/own_store does so.
/// A store whose handles do not share their sessions says `.several_handles = false`, one that needs no schema
/// `.has_schema = false`. Rules that then have no meaning are skipped; all others hold for every store alike.
/// The rules, one a test, are grouped in the headers below. Link
/// atto::testing, which brings GoogleTest: find_package(atto COMPONENTS testing).

#include <atto/testing/contract_appends.hpp>
#include <atto/testing/contract_claims.hpp>
#include <atto/testing/contract_close.hpp>
#include <atto/testing/contract_documents.hpp>
#include <atto/testing/contract_features.hpp>
#include <atto/testing/contract_fixture.hpp>
#include <atto/testing/contract_guards.hpp>
#include <atto/testing/contract_handlers.hpp>
#include <atto/testing/contract_history.hpp>
#include <atto/testing/contract_ids.hpp>
#include <atto/testing/contract_limits.hpp>
#include <atto/testing/contract_lists.hpp>
#include <atto/testing/contract_messages.hpp>
#include <atto/testing/contract_races.hpp>
#include <atto/testing/contract_schema.hpp>
#include <atto/testing/contract_values.hpp>
