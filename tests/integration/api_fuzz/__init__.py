"""
Both modes under requests that schemathesis makes up from the API documents.

"""
