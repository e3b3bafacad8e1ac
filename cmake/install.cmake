include(CMakePackageConfigHelpers)

set(ATTO_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/atto)
install(TARGETS atto EXPORT atto-targets FILE_SET HEADERS)
install(EXPORT atto-targets NAMESPACE atto:: DESTINATION ${ATTO_CMAKE_DIR})
configure_package_config_file(cmake/atto-config.cmake.in atto-config.cmake INSTALL_DESTINATION ${ATTO_CMAKE_DIR})
write_basic_package_version_file(atto-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/atto-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/atto-config-version.cmake
        DESTINATION ${ATTO_CMAKE_DIR})
if(TARGET atto_cli)
  install(TARGETS atto_cli)
endif()
