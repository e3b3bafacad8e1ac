SELECT t.session_id, t.version, t.events, t.created_at, t.updated_at FROM :table AS t WHERE t.session_id > :after ORDER BY t.session_id LIMIT 100;
