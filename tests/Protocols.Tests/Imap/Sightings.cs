using System.Collections.Concurrent;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>What several sessions were told of the same messages, by UID: what may not differ between them, nor change.</summary>
internal sealed class Sightings
{
    private readonly ConcurrentDictionary<uint, string> _recent = new();
    private readonly ConcurrentDictionary<uint, string> _facts = new();

    /// <summary>Whether no other session was told \Recent of it (RFC 3501 section 2.3.2).</summary>
    public bool IsRecentFor(uint uid, string session) => _recent.GetOrAdd(uid, session) == session;

    /// <summary>Whether date, size and envelope are what they were (RFC 3501 section 2.3).</summary>
    public bool AreFacts(uint uid, string facts) => _facts.GetOrAdd(uid, facts) == facts;
}
