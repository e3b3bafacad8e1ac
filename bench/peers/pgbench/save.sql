\set session random(1, 1000)
INSERT INTO :table AS t (session_id, version, state, history) VALUES ('pgbench-' || :session, 1, '{"last_role": "user", "turns": 7}', '[{"role": "user", "content": ":content"}]') ON CONFLICT (session_id) DO UPDATE SET version = t.version + 1, state = EXCLUDED.state, history = EXCLUDED.history, updated_at = now();
