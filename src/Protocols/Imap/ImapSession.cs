using System.Net;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.Notify;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>What one connection knows: who it is, what it has open, what it switched on. Used by its own loop only.</summary>
internal sealed class ImapSession(ImapHandler server, WirePipe wire) : IDisposable
{
    private string? _client;

    public ImapHandler Server { get; } = server;

    public WirePipe Wire { get; } = wire;

    public ImapWriter Out { get; } = new(wire);

    public WebmailSettings Settings => Server.Settings;

    public TimeProvider Time => Server.Time;

    public IAuthenticator Authenticator => Server.Authenticator;

    /// <summary>Null: nobody has logged in.</summary>
    public AccountMail? Mail { get; private set; }

    public SelectedMailbox? Selected { get; private set; }

    /// <summary>What NOTIFY asked for; null: it was not used (RFC 5465).</summary>
    public Notifier? Notifier { get; private set; }

    /// <summary>CONDSTORE was switched on (RFC 7162 section 3.1): flags come with MODSEQ from now on.</summary>
    public bool IsCondstore { get; private set; }

    /// <summary>QRESYNC was switched on (RFC 7162 section 3.2.3): VANISHED stands for EXPUNGE, and whatever comes unasked says its UID.</summary>
    public bool IsQresync { get; private set; }

    /// <summary>IMAP4rev2 was switched on (RFC 9051): no \Recent, SEARCH is answered by ESEARCH, SELECT by LIST, and names and strings are UTF-8.</summary>
    public bool IsRev2 { get; private set; }

    /// <summary>UTF8=ACCEPT was switched on (RFC 9755): names and quoted strings are UTF-8 both ways.</summary>
    public bool IsUtf8 { get; private set; }

    /// <summary>UIDONLY was switched on (RFC 9586): UIDFETCH stands for FETCH, VANISHED for EXPUNGE.</summary>
    public bool IsUidOnly { get; private set; }

    /// <summary>What the commands of this client are read by.</summary>
    public ReaderRules Rules { get; private set; } = ReaderRules.Plain with { Off = ImapFeatures.For(server.Settings.Imap.Without, null, null) };

    /// <summary>Names of the command that runs now which are written otherwise here than the client wrote them.</summary>
    public IReadOnlyList<CanonicalName> CanonicalNames { get; set; } = [];

    /// <summary>The command that runs now came with the UID prefix.</summary>
    public bool IsUidCommand { get; set; }

    /// <summary>The tag of the command that runs now: ESEARCH says it.</summary>
    public string Tag { get; set; } = "";

    /// <summary>The keywords of the account whose mailbox is selected, as far as this session knows them.</summary>
    public KeywordTable Keywords { get; private set; } = KeywordTable.Empty;

    public ClientFacts Client => new(Wire.Connection.Remote.Address, "imap", Wire.IsEncrypted) { Tls = Wire.Tls };

    /// <summary>Whether a password may be shown on this connection.</summary>
    public bool AllowsPlaintext => PlaintextRule.Allows(Settings.Networks, Client);

    public void LogIn(Principal principal)
    {
        Mail = Server.Store.For(principal);
        SwitchOff();
    }

    /// <param name="client">What ID said, as "name/version"; null: nothing.</param>
    public void Identify(string? client)
    {
        _client = client;
        SwitchOff();
    }

    /// <summary>Nobody is logged in any more, and nothing is switched on (RFC 8437 section 3).</summary>
    public void LogOut()
    {
        Unselect();
        Listen(null);
        Mail = null;
        IsCondstore = IsQresync = IsRev2 = IsUtf8 = IsUidOnly = Out.IsUtf8 = Out.IsUidOnly = false;
        Rules = ReaderRules.Plain;
        SwitchOff();
        Keywords = KeywordTable.Empty;
        Wire.SetTimeout(TimeSpan.FromSeconds(Settings.Limits.LoginSeconds));
    }

    public void Select(SelectedMailbox box)
    {
        Selected = box;
        box.IsWaiting = Notifier is not null;
    }

    /// <summary>From now on these are the news that the client gets; null: the usual ones.</summary>
    public void Listen(Notifier? notifier)
    {
        if (Notifier != notifier)
            Notifier?.Dispose();
        Notifier = notifier;
        if (Selected is { } box)
            box.IsWaiting = notifier is not null;
    }

    public void Unselect()
    {
        Selected?.Dispose();
        Selected = null;
    }

    /// <summary>RFC 7162 section 3.1: whichever command switches it on, the client is told HIGHESTMODSEQ of what is selected.</summary>
    public void SwitchOnCondstore()
    {
        if (IsCondstore)
            return;
        IsCondstore = true;
        if (Selected is { } box)
            Out.Line($"* OK [HIGHESTMODSEQ {box.View.Messages.HighestModSeq}] Highest");
    }

    public void SwitchOnQresync()
    {
        SwitchOnCondstore();
        IsQresync = true;
    }

    public void SwitchOnRev2()
    {
        IsRev2 = Out.IsUtf8 = true;
        Rules = Rules with { IsUtf8 = true };
    }

    public void SwitchOnUtf8()
    {
        IsUtf8 = Out.IsUtf8 = true;
        Rules = Rules with { IsUtf8 = true, RefusesCharset = true };
    }

    /// <summary>No message numbers from now on, in neither direction (RFC 9586).</summary>
    public void SwitchOnUidOnly()
    {
        IsUidOnly = Out.IsUidOnly = true;
        Rules = Rules with { IsUidOnly = true };
    }

    /// <param name="atLeast">How many there are.</param>
    public async ValueTask LoadKeywordsAsync(AccountMail mail, MailboxId mailbox, int atLeast, CancellationToken ct) =>
        Keywords = await mail.Mailboxes.KeywordsAsync(mailbox, atLeast, ct);

    /// <summary>Makes sure that these flags have names here; new keywords are announced when a mailbox is open.</summary>
    public async ValueTask LearnKeywordsAsync(FlagSet flags, CancellationToken ct)
    {
        if (Selected is not { } box || !HasUnknown(flags))
            return;
        var before = Keywords.Count;
        await LoadKeywordsAsync(box.Mail, box.Id, before + 1, ct);
        if (Keywords.Count != before)
            WriteKnownFlags(box);
    }

    /// <summary>FLAGS and PERMANENTFLAGS: every flag of the account can be used in each of its mailboxes, and new ones can be made, as far as rights allow (RFC 4314 section 5.1.1).</summary>
    public void WriteKnownFlags(SelectedMailbox box)
    {
        var all = FlagSet.Answered | FlagSet.Flagged | FlagSet.Deleted | FlagSet.Seen | FlagSet.Draft;
        for (var bit = FlagSet.FirstKeywordBit; bit <= FlagSet.LastKeywordBit; bit++)
        {
            if (Keywords.NameOf(bit) is not null)
                all |= FlagSet.Keyword(bit);
        }

        var flags = new FlagsText(all, recent: false, Keywords);
        Out.Line($"* FLAGS ({flags})");
        if (box.IsReadOnly)
            Out.Line($"* OK [PERMANENTFLAGS ()] Read-only mailbox");
        else if (box.Rights.Has(MailboxRights.Write))
            Out.Line($"* OK [PERMANENTFLAGS ({new FlagsText(all & box.Rights.Flags(), recent: false, Keywords)} \\*)] Flags permitted");
        else
            Out.Line($"* OK [PERMANENTFLAGS ({new FlagsText(all & box.Rights.Flags(), recent: false, Keywords)})] Flags permitted");
    }

    /// <summary>The bits of the flags that a client named for messages in a mailbox; keywords that are new get one, where its rights allow.</summary>
    public static async ValueTask<FlagSet> FlagsAsync(AccountMail mail, MailboxId mailbox, FlagNames names, CancellationToken ct)
    {
        if (names.Keywords.Count == 0)
            return names.System;
        return names.System | await mail.Mailboxes.KeywordBitsAsync(mailbox, names.Keywords, ct);
    }

    /// <summary>False: the account was removed, disabled or got another password since. From memory, or a query every five seconds.</summary>
    public async ValueTask<bool> IsCurrentAsync(CancellationToken ct)
    {
        if (Mail is not { } mail)
            return true;
        try
        {
            return await Authenticator.IsCurrentAsync(mail.Principal, ct);
        }
        catch (MailException e) when (e.Error == MailError.Unavailable)
        {
            // Nothing can be read or changed in an outage: each command says so itself.
            return true;
        }
    }

    public void Dispose()
    {
        Unselect();
        Listen(null);
    }

    private void SwitchOff() =>
        Rules = Rules with { Off = ImapFeatures.For(Settings.Imap.Without, Mail?.Principal.Address.ToString(), _client) };

    private bool HasUnknown(FlagSet flags)
    {
        var bits = (ulong)flags.Bits >> FlagSet.FirstKeywordBit;
        for (var bit = FlagSet.FirstKeywordBit; bits != 0; bit++, bits >>= 1)
        {
            if ((bits & 1) != 0 && Keywords.NameOf(bit) is null)
                return true;
        }

        return false;
    }
}
