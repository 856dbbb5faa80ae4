using Webmail.MailCore.Store.Search;

namespace Webmail.Protocols.Imap.Search;

/// <summary>What a search key needs of the session to become a query: message numbers and \Recent mean something only there.</summary>
internal sealed class SearchScope(SelectedMailbox box)
{
    public SelectedMailbox Box { get; } = box;

    /// <summary>MODSEQ was asked for: the answer says the highest one (RFC 7162 section 3.1.5).</summary>
    public bool UsesModSeq { get; set; }
}

/// <summary>A parsed key: pure until it meets its session.</summary>
internal delegate SearchQuery Criterion(SearchScope scope);
