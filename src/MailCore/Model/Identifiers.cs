using System.Globalization;

namespace Webmail.MailCore.Model;

/// <summary>An account's number. Every key of a mail table starts with it.</summary>
public readonly record struct AccountId(long Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// A mailbox that the caller may see: only rights-checked lookups of the store hand one out, so holding one is the permission to read.
/// The pair inside stays inside.
/// </summary>
public readonly record struct MailboxId
{
    internal MailboxId(AccountId account, int number)
    {
        Account = account;
        Number = number;
    }

    internal AccountId Account { get; }

    internal int Number { get; }

    /// <summary>MAILBOXID of RFC 8474: opaque, stable over renames, letters and digits only.</summary>
    public override string ToString() => $"F{Account.Value:x}-{Number:x}";
}

/// <summary>A message, whichever mailboxes it stands in: EMAILID of RFC 8474. Copies share it.</summary>
public readonly record struct EmailId
{
    internal EmailId(AccountId account, long number)
    {
        Account = account;
        Number = number;
    }

    internal AccountId Account { get; }

    internal long Number { get; }

    public override string ToString() => $"M{Account.Value:x}-{Number:x}";
}

/// <summary>A unique identifier of a message in a mailbox (RFC 9051 section 2.3.1.1); never 0 in a valid entry.</summary>
public readonly record struct Uid(uint Value) : IComparable<Uid>
{
    public int CompareTo(Uid other) => Value.CompareTo(other.Value);

    public static bool operator <(Uid a, Uid b) => a.Value < b.Value;

    public static bool operator >(Uid a, Uid b) => a.Value > b.Value;

    public static bool operator <=(Uid a, Uid b) => a.Value <= b.Value;

    public static bool operator >=(Uid a, Uid b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A modification sequence (RFC 7162): one counter an account, never falling, in commit order.</summary>
public readonly record struct ModSeq(long Value) : IComparable<ModSeq>
{
    public int CompareTo(ModSeq other) => Value.CompareTo(other.Value);

    public static bool operator <(ModSeq a, ModSeq b) => a.Value < b.Value;

    public static bool operator >(ModSeq a, ModSeq b) => a.Value > b.Value;

    public static bool operator <=(ModSeq a, ModSeq b) => a.Value <= b.Value;

    public static bool operator >=(ModSeq a, ModSeq b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
