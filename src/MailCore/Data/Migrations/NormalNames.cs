using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Mailbox names in Unicode's form NFC, as MailboxName keeps them from now on.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124161000_NormalNames")]
internal sealed class NormalNames : SqlMigration;
