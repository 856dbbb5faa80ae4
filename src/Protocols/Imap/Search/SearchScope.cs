using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.Protocols.Imap.Search;

/// <summary>What a search key needs of a mailbox to become a query: message numbers and \Recent mean something only there.</summary>
/// <param name="recent">The messages that are \Recent.</param>
internal sealed class SearchScope(MailboxView view, UidSet recent)
{
    public MailboxView View { get; } = view;

    public UidSet Recent { get; } = recent;

    /// <summary>MODSEQ was asked for: the answer says the highest one (RFC 7162 section 3.1.5).</summary>
    public bool UsesModSeq { get; set; }

    /// <summary>FUZZY was asked for: there is a relevancy (RFC 6203 section 4).</summary>
    public bool IsFuzzy { get; set; }
}

/// <summary>A parsed key: pure until it meets its mailbox.</summary>
internal delegate SearchQuery Criterion(SearchScope scope);
