# atto::testing: the contract of a store as a GoogleTest suite. Headers only. It needs GoogleTest when it is linked, and
# only then: find_package(atto COMPONENTS testing) finds it.
add_library(atto_testing INTERFACE)
add_library(atto::testing ALIAS atto_testing)
set_target_properties(atto_testing PROPERTIES EXPORT_NAME testing)
target_link_libraries(atto_testing INTERFACE atto::atto GTest::gtest)
target_sources(atto_testing
  INTERFACE
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_appends.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_claims.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_close.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_documents.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_features.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_fixture.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_guards.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_handlers.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_history.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_ids.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_limits.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_lists.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_messages.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_races.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_schema.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/contract_values.hpp
      ${PROJECT_SOURCE_DIR}/include/atto/testing/store_contract.hpp)
if(ATTO_BUILD_TESTS)
  find_package(GTest REQUIRED)
  set_target_properties(atto_testing PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endif()

install(TARGETS atto_testing EXPORT atto-testing-targets FILE_SET HEADERS COMPONENT testing)
install(EXPORT atto-testing-targets NAMESPACE atto:: DESTINATION ${ATTO_CMAKE_DIR} COMPONENT testing)
